#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using test::InstalledPerch;
using test::PerchRun;
using testing::HasSubstr;

/// `perch train` and `perch predict` as a person or a script runs them.
class TrainVerb : public testing::Test {
protected:
    PerchRun train(const std::vector<std::string>& more) {
        std::vector<std::string> words = {"train", "--model", "m", "--rounds", "20", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return m_perch.run(words);
    }
    PerchRun trainText(const std::string& text) {
        std::ofstream(m_folder / "t.csv") << text;
        return train({"--data", m_folder / "t.csv", "--label", "y"});
    }
    std::size_t packages() const {
        std::error_code none;
        const std::filesystem::directory_iterator entries(m_perch.workspace() / "packages", none);
        return none ? 0 : static_cast<std::size_t>(std::distance(entries, {}));
    }
    /// The exit code of the contract and an error document that names the place.
    void expectFailure(const PerchRun& run, int exitCode, const std::string& code, const std::string& part) {
        EXPECT_EQ(run.exitCode, exitCode) << run.out << run.err;
        EXPECT_EQ(run.document()["error"]["code"], code);
        EXPECT_THAT(run.document()["error"]["message"].get<std::string>(), HasSubstr(part));
        EXPECT_EQ(packages(), 0U);
    }

    void expectNotFound(const PerchRun& run, const std::string& part) {
        EXPECT_EQ(run.exitCode, 2) << run.out << run.err;
        EXPECT_THAT(run.document()["error"]["message"].get<std::string>(), HasSubstr(part));
    }

    InstalledPerch m_perch;
    test::Folder m_folder;
};

TEST_F(TrainVerb, RegistersWhatItTrained) {
    const auto document = train({"--data", test::tableFile("wa_churn.csv"), "--label", "churn", "--positive", "Yes",
                                 "--out", m_folder / "out"})
                              .document();
    EXPECT_EQ(document["schema"], 1);
    EXPECT_EQ(document["version"], "v1");
    EXPECT_EQ(document["alias"], "champion");
    EXPECT_EQ(document["accepted"], true);
    EXPECT_EQ(document["rows"]["test"], 1409);
    EXPECT_GT(document["metrics"]["roc_auc"].get<double>(), 0.8);
    for (const std::string& folder : {document["package"].get<std::string>(), (m_folder / "out").string()})
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(folder) / "manifest.json")) << folder;

    const auto again = train({"--data", test::tableFile("wa_churn.csv"), "--label", "churn", "--seed", "7"}).document();
    EXPECT_EQ(again["version"], "v2");
    EXPECT_TRUE(again["accepted"].is_null()) << "no rows are known that neither version was trained on";
    EXPECT_TRUE(again["alias"].is_null());

    const auto scored = m_perch
                            .must({"predict", "--package", document["package"], "--data",
                                   test::tableFile("wa_churn.csv"), "--out", m_folder / "scores.csv", "--json"})
                            .document();
    EXPECT_EQ(scored["rows"], 7043);
    const std::string lines = test::valueOf(readFile(m_folder / "scores.csv"));
    EXPECT_THAT(lines, testing::StartsWith("score,class\n0."));
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 7044);
}

TEST_F(TrainVerb, AKilledTrainingIsTakenUpAndGivesTheSameModel) {
    const std::vector<std::string> words = {"train",
                                            "--model",
                                            "m",
                                            "--data",
                                            test::tableFile("credit_data.csv"),
                                            "--label",
                                            "Status",
                                            "--json",
                                            "--rounds",
                                            "400",
                                            "--early-stopping",
                                            "400"};
    std::vector<std::string> often = words;
    often.insert(often.end(), {"--checkpoint", "0.05"});
    const pid_t child = m_perch.spawn(often);
    const auto checkpointed = [&] {
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(m_perch.workspace() / "runs", none)) {
            if (std::filesystem::exists(entry.path() / "checkpoint"))
                return true;
        }
        return false;
    };
    EXPECT_TRUE(test::waitUntil(checkpointed));
    ::kill(child, SIGKILL);
    m_perch.wait(child);
    EXPECT_EQ(packages(), 0U);
    const auto runs = std::filesystem::directory_iterator(m_perch.workspace() / "runs");
    const std::string run = runs->path().filename().string();
    const auto resumed = m_perch.must({"train", "--resume", run, "--json"}).document();
    EXPECT_EQ(resumed["run"], run);
    EXPECT_EQ(resumed["rounds"], 400);
    const auto whole = m_perch.must(words).document();
    const auto booster = [](const nlohmann::json& document) {
        return test::valueOf(readFile(std::filesystem::path(document["package"].get<std::string>()) / "model.ubj"));
    };
    EXPECT_TRUE(booster(resumed) == booster(whole)) << "not the same model bytes";
    EXPECT_EQ(resumed["metrics"], whole["metrics"]);
    EXPECT_EQ(m_perch.run({"train", "--resume", run, "--json"}).exitCode, 4) << "it is finished";
}

TEST_F(TrainVerb, ACapsuleRepeatsATraining) {
    const auto first = train({"--data", test::tableFile("wa_churn.csv"), "--label", "churn"}).document();
    const auto again = m_perch.must({"train", "--from", first["package"], "--json"}).document();
    EXPECT_EQ(again["same_model"], true) << again["differences"];
    EXPECT_TRUE(again["differences"].empty());
    EXPECT_EQ(again["accepted"], true) << "not worse than itself on the common test part";
    EXPECT_EQ(again["alias"], "challenger");
}

TEST_F(TrainVerb, RetrainsByTheModelsOwnFile) {
    std::ofstream(m_folder / "perch.yaml") << "model: m\ndata: t.csv\nlabel: churn\ntraining: {rounds: 30}\n";
    std::filesystem::copy_file(test::tableFile("wa_churn.csv"), m_folder / "t.csv");
    const auto first = m_perch.must({"train", "--config", m_folder / "perch.yaml", "--json"}).document();
    EXPECT_EQ(first["rounds"], 30);
    const auto second = m_perch.must({"retrain", "m", "--json"}).document();
    EXPECT_EQ(second["version"], "v2");
    EXPECT_EQ(second["rounds"], 30);
    expectNotFound(m_perch.run({"retrain", "other", "--json"}), "other has no perch.yaml");
}

TEST_F(TrainVerb, BadInputIsOneSentenceAndNothingIsLeft) {
    std::string oneClass = "x,y\n", missing = "x,gone,y\n";
    for (int i = 0; i < 20; ++i) {
        oneClass += fmt::format("{},a\n", i);
        missing += fmt::format("{},,{}\n", i, i % 2);
    }
    expectFailure(train({"--data", m_folder / "no.csv", "--label", "y"}), 2, "not_found", "no.csv");
    expectFailure(train({"--data", test::tableFile("wa_churn.csv"), "--label", "chrun"}), 2, "invalid_input",
                  "no column \"chrun\"; the nearest are churn");
    expectFailure(trainText(""), 2, "invalid_input", "t.csv is empty");
    expectFailure(trainText(oneClass), 2, "invalid_input", "\"y\" has one class");
    const PerchRun refused = trainText(missing);
    EXPECT_EQ(refused.exitCode, 1) << "the checks before the training say no";
    EXPECT_EQ(refused.document()["state"], "refused");
    EXPECT_TRUE(refused.document()["version"].is_null());
    expectFailure(trainText("x,y\n1,a\n2\n"), 2, "invalid_input", "row 3 has 1 cells");
    expectFailure(train({"--data", test::tableFile("wa_churn.csv"), "--label", "churn", "--cost", "20"}), 2,
                  "invalid_input", "--cost 20");
    expectFailure(train({"--data", test::tableFile("wa_churn.csv")}), 2, "invalid_input", "--label is needed");
    expectFailure(train({"--data", test::tableFile("wa_churn.csv"), "--label", "churn", "--out", test::tableFile("")}),
                  4, "conflict", "not an empty folder");
}

TEST_F(TrainVerb, BelowTheFloorsOfTheModelFileNothingIsRegistered) {
    std::ofstream(m_folder / "perch.yaml") << "model: strict\ndata: " << test::tableFile("wa_churn.csv")
                                           << "\nlabel: churn\npositive: Yes\nacceptance:\n  accuracy: 0.999\n";
    const PerchRun run = m_perch.run({"train", "--config", m_folder / "perch.yaml", "--rounds", "20", "--json"});
    EXPECT_EQ(run.exitCode, 1) << run.out << run.err;
    EXPECT_EQ(run.document()["accepted"], false);
    EXPECT_TRUE(run.document()["version"].is_null());
    EXPECT_EQ(run.document()["model"], "strict");
    EXPECT_THAT(run.document()["reasons"][0].get<std::string>(), HasSubstr("accuracy 0.7"));
    EXPECT_EQ(packages(), 0U);
}

TEST_F(TrainVerb, CtrlCEndsItWithNothingWritten) {
    const pid_t child = m_perch.spawn({"train", "--data", test::tableFile("wa_churn.csv"), "--label", "churn",
                                       "--model", "m", "--rounds", "100000", "--json"});
    // The registry is opened after the signals are taken and before the table is read.
    EXPECT_TRUE(test::waitUntil([&] { return std::filesystem::exists(m_perch.workspace() / "workspace.db"); }));
    ::kill(child, SIGINT);
    expectFailure(m_perch.wait(child), 130, "cancelled", "cancelled");
}

} // namespace
} // namespace perch
