#include "core/stats/multiclass_metrics.h"
#include "core/stats/paired_mean.h"
#include "core/stats/regression_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace perch::stats {
namespace {

double of(const MetricList& values, MulticlassMetric metric) {
    return values[static_cast<std::size_t>(metric)].value();
}

double of(const MetricList& values, RegressionMetric metric) {
    return values[static_cast<std::size_t>(metric)].value();
}

TEST(MulticlassMetrics, AreThoseOfScikitLearn) {
    // accuracy_score, f1_score(average="macro") and log_loss of these rows.
    const std::vector<float> rows = {0.5F, 0.25F, 0.25F, 0.25F, 0.5F, 0.25F, 0.25F, 0.5F, 0.25F, 0.25F, 0.25F, 0.5F};
    const std::vector<std::uint8_t> labels = {0, 1, 2, 2};
    const MetricList metrics = multiclassMetrics(rows, 3, labels);
    EXPECT_DOUBLE_EQ(of(metrics, MulticlassMetric::Accuracy), 0.75);
    EXPECT_DOUBLE_EQ(of(metrics, MulticlassMetric::MacroF1), (1.0 + 2.0 / 3 + 2.0 / 3) / 3);
    EXPECT_DOUBLE_EQ(of(metrics, MulticlassMetric::LogLoss), (3 * std::log(2.0) + std::log(4.0)) / 4);
    for (const std::optional<double>& value : multiclassMetrics({}, 3, {}))
        EXPECT_EQ(value, std::nullopt);
    const std::vector<float> tie = {0.4F, 0.4F, 0.2F};
    EXPECT_EQ(mostProbable(tie), 0U);
}

TEST(MulticlassMetrics, AClassThatIsNowhereDoesNotCount) {
    const std::vector<float> rows = {1, 0, 0, 0, 1, 0};
    const std::vector<std::uint8_t> labels = {0, 1};
    EXPECT_DOUBLE_EQ(of(multiclassMetrics(rows, 3, labels), MulticlassMetric::MacroF1), 1);
}

TEST(MulticlassMetrics, OneClassHasNoAreas) {
    const std::vector<float> rows = {0.9F, 0.1F, 0.3F, 0.7F};
    const std::vector<std::uint8_t> labels = {0, 0};
    const MetricList metrics = multiclassMetrics(rows, 2, labels);
    EXPECT_EQ(metrics[static_cast<std::size_t>(MulticlassMetric::RocAuc)], std::nullopt);
    EXPECT_DOUBLE_EQ(of(metrics, MulticlassMetric::Accuracy), 0.5);
}

TEST(RegressionMetrics, AreThoseOfScikitLearn) {
    // The example of scikit-learn's r2_score, mean_absolute_error and mean_squared_error.
    const std::vector<float> predicted = {2.5F, 0.0F, 2.0F, 8.0F};
    const std::vector<double> truth = {3, -0.5, 2, 7};
    const MetricList metrics = regressionMetrics(predicted, truth, {.value = 0.5, .relative = false});
    EXPECT_DOUBLE_EQ(of(metrics, RegressionMetric::Mae), 0.5);
    EXPECT_DOUBLE_EQ(of(metrics, RegressionMetric::Rmse), std::sqrt(0.375));
    EXPECT_NEAR(of(metrics, RegressionMetric::R2), 0.9486081370449679, 1e-15);
    EXPECT_DOUBLE_EQ(of(metrics, RegressionMetric::WithinTolerance), 0.75);
    const std::vector<float> two = {1, 2};
    const std::vector<double> constant = {1, 1};
    EXPECT_EQ(regressionMetrics(two, constant)[static_cast<std::size_t>(RegressionMetric::R2)], std::nullopt);
    EXPECT_EQ(regressionMetrics({}, {})[0], std::nullopt);
}

TEST(PairedMean, IsTheIntervalOfTheDifferences) {
    const std::vector<double> candidate = {2, 4, 6, 8}, baseline = {1, 2, 5, 8};
    const auto difference = pairedMean(candidate, baseline);
    ASSERT_TRUE(difference.has_value());
    EXPECT_DOUBLE_EQ(difference->value, 1);
    // Standard deviation of {1, 2, 1, 0} is sqrt(2/3).
    EXPECT_NEAR(difference->interval.high - difference->value, kNormal95 * std::sqrt(2.0 / 3 / 4), 1e-12);
    EXPECT_EQ(pairedMean(candidate, candidate)->p, 1);
    EXPECT_FALSE(pairedMean(std::span(candidate).first(1), std::span(baseline).first(1)).has_value());
}

} // namespace
} // namespace perch::stats
