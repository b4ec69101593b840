#include "core/serving/truth_store.h"
#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using test::InstalledPerch;
using test::PerchRun;
using test::valueOf;
using testing::HasSubstr;

/// `perch evaluate`, `compare` and `explain` as a person or a script runs them.
class EvaluateVerbs : public testing::Test {
protected:
    std::string train(const char* data, const char* label, const char* rounds, const std::string& out,
                      const char* task = "binary") {
        std::string model = out;
        std::ranges::replace(model, '_', '-');
        m_perch.must({"train", "--model", model, "--data", test::tableFile(data), "--label", label, "--rounds", rounds,
                      "--task", task, "--out", m_folder / out, "--json"});
        return m_folder / out;
    }

    InstalledPerch m_perch;
    test::Folder m_folder;
};

TEST_F(EvaluateVerbs, CompareKnowsTheBetterModelOfEveryTask) {
    struct Case {
        const char *data, *label, *metric, *task;
    };
    for (const Case& one :
         {Case{"wa_churn.csv", "churn", "f1", "binary"}, Case{"wa_churn.csv", "contract", "macro_f1", "multi_class"},
          Case{"credit_data.csv", "Price", "mae", "regression"}}) {
        const std::string strong = train(one.data, one.label, "40", std::string("strong-") + one.metric, one.task);
        const std::string weak = train(one.data, one.label, "1", std::string("weak-") + one.metric, one.task);
        const std::string report = m_folder / "report.html";
        const PerchRun better = m_perch.must({"compare", strong, weak, "--data", test::tableFile(one.data), "--json"});
        EXPECT_EQ(better.document()["verdict"], "better") << one.metric;
        const PerchRun worse = m_perch.run({"evaluate", "--package", weak, "--baseline", strong, "--data",
                                            test::tableFile(one.data), "--report", report, "--json"});
        EXPECT_EQ(worse.exitCode, 1) << worse.out << worse.err;
        const nlohmann::json document = worse.document();
        EXPECT_EQ(document["verdict"], "worse");
        EXPECT_EQ(document["decision"]["metric"], one.metric);
        for (const char* part : {"value", "low", "high", "p"})
            EXPECT_TRUE(document["difference"][one.metric][part].is_number()) << part;
        EXPECT_TRUE(document["metrics"][one.metric]["low"].is_number());
        EXPECT_THAT(valueOf(readFile(report)), testing::StartsWith("<!DOCTYPE html>"));
    }
}

TEST_F(EvaluateVerbs, ThresholdsFollowCostsAndTargets) {
    const std::string package = train("wa_churn.csv", "churn", "20", "package");
    const nlohmann::json document =
        m_perch
            .must({"evaluate", "--package", package, "--data", test::tableFile("wa_churn.csv"), "--threshold-cost",
                   "5:1", "--target-precision", "0.8", "--target-recall", "0.9", "--group", "senior_citizen", "--json"})
            .document();
    ASSERT_EQ(document["thresholds"].size(), 3U);
    EXPECT_LT(document["thresholds"][0]["threshold"].get<double>(), 0.4);
    EXPECT_GE(document["thresholds"][1]["metrics"]["precision"]["value"].get<double>(), 0.8);
    EXPECT_GE(document["thresholds"][2]["metrics"]["recall"]["value"].get<double>(), 0.9);
    EXPECT_EQ(document["fairness"]["groups"].size(), 2U);
    EXPECT_TRUE(document["fairness"]["bias_score"].is_number());
    const PerchRun wrong = m_perch.run({"evaluate", "--package", package, "--data", test::tableFile("wa_churn.csv"),
                                        "--threshold-cost", "5", "--json"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_THAT(wrong.document()["error"]["message"].get<std::string>(), HasSubstr("MISSED:ALARM"));
}

TEST_F(EvaluateVerbs, ExplainSaysWhy) {
    const std::string package = train("wa_churn.csv", "churn", "20", "package");
    const nlohmann::json row =
        m_perch
            .must({"explain", "--package", package, "--data", test::tableFile("wa_churn.csv"), "--row", "3", "--json"})
            .document()["row"];
    double sum = row["expected_margin"].get<double>();
    for (const nlohmann::json& reason : row["reasons"])
        sum += reason["contribution"].get<double>();
    EXPECT_NEAR(sum, row["margin"].get<double>(), 1e-4);
    EXPECT_EQ(row["reasons"].size(), 19U);
    const nlohmann::json both = m_perch
                                    .must({"explain", "--package", package, "--data", test::tableFile("wa_churn.csv"),
                                           "--global", "--partial-dependence", "tenure", "--rows", "200", "--json"})
                                    .document();
    EXPECT_EQ(both["global"]["rows"], 200);
    EXPECT_GT(both["partial_dependence"]["points"].size(), 10U);
    EXPECT_EQ(m_perch.run({"explain", "--package", package, "--data", test::tableFile("wa_churn.csv"), "--row", "8000"})
                  .exitCode,
              2);
}

TEST_F(EvaluateVerbs, LiveLabelsAreHeldAgainstTheLimitAndKept) {
    const std::string config = "model: churn\ndata: " + test::tableFile("wa_churn.csv") +
                               "\nlabel: churn\npositive: \"Yes\"\ntraining:\n  rounds: 100\nacceptance:\n  f1: 0.5\n";
    valueOf(writeFileAtomically(m_folder / "perch.yaml", config));
    m_perch.must({"train", "--config", m_folder / "perch.yaml", "--json"});
    EXPECT_EQ(m_perch.run({"evaluate", "--model", "churn", "--since", "7d"}).exitCode, 2) << "no truth store";

    const RealClock clock;
    const auto fill = [&](const char* answer, int count, const std::string& prefix) {
        std::filesystem::create_directories(m_perch.workspace() / "local");
        serving::Exposition exposition;
        const auto store =
            valueOf(serving::TruthStore::open(m_perch.workspace() / "local/truth.db", {}, clock, exposition));
        valueOf(store->announce({"churn", "v1", {"No", "Yes"}}));
        for (int i = 0; i < count; ++i) {
            const std::string id = prefix + std::to_string(i);
            const serving::PredictionRecord record{"churn", "v1", "stable", id, clock.now(), 0.7F, answer};
            valueOf(store->addRecords({&record, 1}));
            const serving::Feedback feedback{"churn", id, "Yes"};
            valueOf(store->addFeedback({&feedback, 1}));
        }
    };
    fill("Yes", 40, "a");
    const nlohmann::json good = m_perch.must({"evaluate", "--model", "churn", "--since", "7d", "--json"}).document();
    EXPECT_EQ(good["evaluations"][0]["rows"], 40);
    EXPECT_EQ(good["evaluations"][0]["metrics"]["f1"], 1.0);
    EXPECT_EQ(good["evaluations"][0]["passed"], true);
    fill("No", 120, "b");
    const PerchRun bad = m_perch.run({"evaluate", "--model", "churn", "--since", "7d", "--json"});
    EXPECT_EQ(bad.exitCode, 1) << bad.out << bad.err;
    EXPECT_EQ(bad.document()["below_limit"], true);
    const nlohmann::json kept = m_perch.must({"evaluate", "--model", "churn", "--history", "--json"}).document();
    ASSERT_EQ(kept["evaluations"].size(), 2U);
    EXPECT_EQ(kept["evaluations"][0]["passed"], false) << "newest first";
    EXPECT_EQ(m_perch.run({"evaluate", "--model", "churn", "--since", "soon"}).exitCode, 2);
}

} // namespace
} // namespace perch
