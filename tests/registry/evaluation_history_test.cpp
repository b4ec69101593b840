#include "core/registry/evaluation_history.h"
#include "tests/support/test_support.h"

namespace perch::registry {
namespace {

using test::failsWith;
using test::valueOf;

EvaluationRecord recordOf(const char* model, std::uint32_t version, double f1) {
    return {.model = valueOf(ModelName::parse(model)),
            .version = Version{version},
            .from = fromMillis(1'000),
            .to = fromMillis(2'000),
            .rows = 500,
            .metrics = {{"f1", f1}, {"accuracy", 0.9}},
            .limitName = "f1",
            .limit = 0.85,
            .passed = f1 >= 0.85,
            .madeAt = fromMillis(2'000),
            .madeBy = "me@here"};
}

TEST(EvaluationHistory, KeepsWhatWasMeasuredNewestFirst) {
    const test::Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder / "w"));
    const ModelName churn = valueOf(ModelName::parse("churn"));
    {
        EvaluationHistory history = valueOf(EvaluationHistory::open(workspace));
        EXPECT_TRUE(valueOf(history.list(churn, 10)).empty());
        valueOf(history.add(recordOf("churn", 1, 0.9)));
        valueOf(history.add(recordOf("other", 1, 0.1)));
        EvaluationRecord undefined = recordOf("churn", 2, 0.8);
        undefined.limit.reset();
        undefined.passed.reset();
        valueOf(history.add(undefined));
    }
    EvaluationHistory history = valueOf(EvaluationHistory::open(workspace));
    const std::vector<EvaluationRecord> records = valueOf(history.list(churn, 10));
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].version, Version{2});
    EXPECT_EQ(records[0].passed, std::nullopt);
    EXPECT_EQ(records[0].limit, std::nullopt);
    EXPECT_EQ(records[1].metrics.at("f1"), 0.9);
    EXPECT_EQ(records[1].passed, true);
    EXPECT_EQ(records[1].to, fromMillis(2'000));
    EXPECT_EQ(valueOf(history.list(churn, 1)).size(), 1u);
}

TEST(EvaluationHistory, IsAppendOnly) {
    const test::Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder / "w"));
    valueOf(valueOf(EvaluationHistory::open(workspace)).add(recordOf("churn", 1, 0.9)));
    Database database = valueOf(Database::open(workspace.database(), Durability::Normal));
    EXPECT_FALSE(database.execute("DELETE FROM evaluation_history").has_value());
    EXPECT_FALSE(database.execute("UPDATE evaluation_history SET rows = 1").has_value());
}

} // namespace
} // namespace perch::registry
