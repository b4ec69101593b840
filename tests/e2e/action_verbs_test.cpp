#include "tests/e2e/installed_perch.h"

#include <cstdlib>

/// The verbs that act without a plan leave their line in the audit.
namespace perch {
namespace {

using test::InstalledPerch;
using test::PerchRun;
using testing::HasSubstr;

class ActionVerbs : public testing::Test {
protected:
    void train(const char* seed) {
        m_perch.must({"train", "--data", (test::sourceFolder() / "resources/data/wa_churn.csv").string(), "--label",
            "churn", "--positive", "Yes", "--model", "churn", "--rounds", "5", "--seed", seed, "--json"});
    }
    nlohmann::json lastRecord(const std::string& action) {
        const nlohmann::json document = m_perch.must({"audit", "show", "--json"}).document();
        nlohmann::json last;
        for (const nlohmann::json& record : document["records"]) {
            if (record["action"] == action)
                last = record;
        }
        EXPECT_FALSE(last.is_null()) << "no record of " << action;
        return last;
    }

    InstalledPerch m_perch;
};

TEST_F(ActionVerbs, AnAliasMovedByHandIsAudited) {
    train("1");
    train("2");
    const nlohmann::json moved =
        m_perch.must({"registry", "alias", "churn", "challenger", "v2", "--reason", "to look at", "--json"}).document();
    EXPECT_EQ(moved["audit"]["hash"].get<std::string>().size(), 64U);
    const nlohmann::json record = lastRecord("alias");
    EXPECT_EQ(record["model"], "churn");
    EXPECT_EQ(record["reason"], "to look at");
    EXPECT_EQ(record["result"], "done");
    EXPECT_THAT(record["summary"].get<std::string>(), HasSubstr("challenger unset -> v2"));
    EXPECT_EQ(m_perch.run({"registry", "alias", "churn", "champion", "v9", "--yes"}).exitCode, 2);
    EXPECT_EQ(lastRecord("alias")["hash"], record["hash"]) << "what did not happen has no record";
    m_perch.must({"audit", "verify"});
}

TEST_F(ActionVerbs, StartAndEndOfTheLocalPlatformAreAudited) {
    train("1");
    m_perch.up();
    EXPECT_THAT(lastRecord("local_up")["summary"].get<std::string>(),
        HasSubstr(fmt::format("Start the local platform at http://127.0.0.1:{}", m_perch.port())));
    m_perch.up();
    EXPECT_THAT(lastRecord("local_up")["summary"].get<std::string>(), HasSubstr("up to date"));
    EXPECT_FALSE(m_perch.must({"local", "down", "--json"}).document()["audit"].is_null());
    const nlohmann::json down = lastRecord("local_down");
    EXPECT_EQ(down["result"], "done");
    EXPECT_TRUE(m_perch.must({"local", "down", "--json"}).document()["audit"].is_null()) << "nothing ran";
    EXPECT_EQ(lastRecord("local_down")["hash"], down["hash"]);
    m_perch.must({"audit", "verify"});
}

TEST_F(ActionVerbs, AMissingProgramIsOneSentenceAndExitThree) {
    train("1");
    ::setenv("PERCH_PATH", "/nowhere", 1);
    const PerchRun run = m_perch.run({"local", "up", "--json"});
    const PerchRun status = m_perch.run({"local", "status", "--json"});
    ::unsetenv("PERCH_PATH");
    EXPECT_EQ(run.exitCode, 3) << run.out << run.err;
    EXPECT_EQ(run.document()["error"]["message"], "The program haproxy is not installed: install the package haproxy.");
    EXPECT_EQ(status.exitCode, 0) << "looking needs no program";
    EXPECT_EQ(lastRecord("local_up")["result"], "failed");
}

} // namespace
} // namespace perch
