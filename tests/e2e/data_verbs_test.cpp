#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using test::InstalledPerch;
using test::PerchRun;
using testing::HasSubstr;

/// `perch init`, `perch data check`, `perch data profile` and `perch schema` as a person runs them.
class DataVerbs : public testing::Test {
protected:
    std::string churn() const { return (test::sourceFolder() / "resources/data/wa_churn.csv").string(); }
    PerchRun init(const std::vector<std::string>& more) {
        std::vector<std::string> words = {"init", "--data", churn(), "--out", m_folder / "perch.yaml", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return m_perch.run(words);
    }
    std::string config() const { return m_folder / "perch.yaml"; }

    InstalledPerch m_perch;
    test::Folder m_folder;
};

TEST_F(DataVerbs, InitWritesAFileThatChecksAndTrains) {
    const auto document = init({}).document();
    EXPECT_EQ(document["model"], "wa-churn");
    EXPECT_EQ(document["label"], "churn");
    EXPECT_EQ(document["guessed"], true);
    const auto report = m_perch.must({"data", "check", "--config", config(), "--json"}).document();
    EXPECT_NE(report["verdict"], "fail");
    EXPECT_EQ(report["rows"], 7043);
    const auto trained = m_perch.must({"train", "--config", config(), "--rounds", "5", "--json"}).document();
    EXPECT_EQ(trained["version"], "v1");
    // With a version in production the check compares with its training data: the same rows do not drift.
    const auto again = m_perch.must({"data", "check", "--config", config(), "--json"}).document();
    const auto drift = std::find_if(again["checks"].begin(), again["checks"].end(),
                                    [](const nlohmann::json& check) { return check["name"] == "drift"; });
    ASSERT_NE(drift, again["checks"].end());
    EXPECT_EQ((*drift)["verdict"], "pass") << drift->dump();
}

TEST_F(DataVerbs, InitNeverOverwritesUnasked) {
    std::ofstream(config()) << "mine";
    const PerchRun refused = init({});
    EXPECT_EQ(refused.exitCode, 4);
    EXPECT_THAT(refused.document()["error"]["message"].get<std::string>(), HasSubstr("--yes replaces it"));
    EXPECT_EQ(test::valueOf(readFile(config())), "mine");
    EXPECT_EQ(init({"--yes", "--label", "Contract", "--model", "contracts"}).exitCode, 2) << "no such column";
    EXPECT_EQ(init({"--yes", "--label", "churn", "--model", "my-model"}).document()["model"], "my-model");
    EXPECT_EQ(init({"--yes", "--model", "My Model"}).exitCode, 2);
}

TEST_F(DataVerbs, CheckEndsWithOneWhenALimitIsBroken) {
    std::ofstream(config()) << "model: m\ndata: " << churn() << "\nlabel: churn\nquality: {min_rows: 10000}\n";
    const PerchRun run = m_perch.run({"data", "check", "--config", config()});
    EXPECT_EQ(run.exitCode, 1);
    EXPECT_THAT(run.out, HasSubstr("fail     rows         7,043 rows where at least 10,000 are needed."));
    EXPECT_EQ(m_perch.run({"data", "check", "--data", churn(), "--label", "churn"}).exitCode, 0);
    EXPECT_EQ(m_perch.run({"data", "check", "--data", m_folder / "none.csv"}).exitCode, 2);
}

TEST_F(DataVerbs, ProfileIsPrintedAndWritten) {
    const auto document =
        m_perch.must({"data", "profile", "--data", churn(), "--out", m_folder / "profile.json", "--json"}).document();
    EXPECT_EQ(document["rows"], 7043);
    const auto written = nlohmann::json::parse(test::valueOf(readFile(m_folder / "profile.json")));
    EXPECT_EQ(written["columns"], document["columns"]);
    EXPECT_THAT(m_perch.must({"data", "profile", "--data", churn()}).out, HasSubstr("7,043 rows"));
}

TEST_F(DataVerbs, SchemaIsAJsonSchema) {
    const auto schema = m_perch.must({"schema"}).document();
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_TRUE(schema["properties"].contains("quality"));
}

} // namespace
} // namespace perch
