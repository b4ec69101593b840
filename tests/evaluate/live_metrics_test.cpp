#include "core/evaluate/live_metrics.h"
#include "tests/support/test_support.h"

namespace perch::evaluate {
namespace {

double at(const LiveMetrics& live, const char* name) {
    return live.metrics.find(name)->second.value.value();
}

TEST(LiveMetrics, OfTwoClassesAreThoseOfThePositiveOne) {
    const std::vector<AnswerCount> counts{{"yes", "yes", 30}, {"yes", "no", 10}, {"no", "yes", 20}, {"no", "no", 140}};
    const LiveMetrics live = measureLive(counts, {"no", "yes"});
    EXPECT_EQ(live.rows, 200u);
    EXPECT_DOUBLE_EQ(at(live, "accuracy"), 0.85);
    EXPECT_DOUBLE_EQ(at(live, "precision"), 0.6);
    EXPECT_DOUBLE_EQ(at(live, "recall"), 0.75);
    EXPECT_DOUBLE_EQ(at(live, "f1"), 60.0 / 90);
    EXPECT_LT(*live.metrics.find("f1")->second.low, 60.0 / 90);
}

TEST(LiveMetrics, OfSeveralClassesAreMacroMeans) {
    const std::vector<AnswerCount> counts{{"a", "a", 5}, {"b", "b", 5}, {"b", "a", 5}, {"z", "a", 7}};
    const LiveMetrics live = measureLive(counts, {"a", "b", "c"});
    EXPECT_EQ(live.rows, 15u);
    EXPECT_EQ(live.unknown, 7u) << "z is no class of the model";
    EXPECT_DOUBLE_EQ(at(live, "recall"), 0.75);
    EXPECT_DOUBLE_EQ(at(live, "f1"), (10.0 / 15 + 10.0 / 15) / 2);
}

TEST(LiveMetrics, NothingIsUndefinedNotZero) {
    const LiveMetrics live = measureLive({}, {"no", "yes"});
    for (const auto& [name, metric] : live.metrics)
        EXPECT_FALSE(metric.value) << name;
}

} // namespace
} // namespace perch::evaluate
