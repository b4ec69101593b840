#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using testing::HasSubstr;

/// `perch runs` tells of trainings what the Train screen tells.
TEST(RunsVerb, ListsAndShowsTrainings) {
    test::InstalledPerch perch;
    EXPECT_EQ(perch.must({"runs", "list"}).out, "There is no training yet.\n");
    const std::string data = (test::sourceFolder() / "resources/data/wa_churn.csv").string();
    for (const char* model : {"one", "two"})
        perch.must({"train", "--data", data, "--label", "churn", "--model", model, "--rounds", "5", "--json"});
    const nlohmann::json all = perch.must({"runs", "list", "--json"}).document();
    ASSERT_EQ(all["runs"].size(), 2U);
    EXPECT_EQ(all["runs"][0]["model"], "two") << "the newest is first";
    EXPECT_EQ(all["runs"][0]["state"], "finished");
    EXPECT_EQ(all["runs"][0]["version"], "v1");
    EXPECT_EQ(all["runs"][0]["kept"]["metric"], "logloss");
    EXPECT_GT(all["runs"][0]["kept"]["value"].get<double>(), 0.1);
    EXPECT_EQ(perch.must({"runs", "list", "one", "--json"}).document()["total"], 1);
    EXPECT_THAT(perch.must({"runs", "list", "--limit", "1"}).out, HasSubstr("1 older ones"));

    const std::string id = all["runs"][1]["id"];
    const nlohmann::json run = perch.must({"runs", "show", id, "--json"}).document();
    EXPECT_EQ(run["id"], id);
    EXPECT_EQ(run["dataset"]["rows"], 7043);
    EXPECT_EQ(run["steps"].back()["state"], "done");
    EXPECT_THAT(perch.must({"runs", "show", id}).out, HasSubstr("Evaluate on test set"));
    const test::PerchRun unknown = perch.run({"runs", "show", "r-none", "--json"});
    EXPECT_EQ(unknown.exitCode, 2);
    EXPECT_EQ(unknown.document()["error"]["code"], "not_found");
}

} // namespace
} // namespace perch
