#include "core/stats/multiclass_metrics.h"
#include "core/stats/paired_mean.h"
#include "core/stats/regression_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace perch::stats {
namespace {

TEST(MulticlassMetrics, AreThoseOfScikitLearn) {
    // accuracy_score, f1_score(average="macro") and log_loss of these rows.
    const std::vector<float> rows = {0.5F, 0.25F, 0.25F, 0.25F, 0.5F, 0.25F, 0.25F, 0.5F, 0.25F, 0.25F, 0.25F, 0.5F};
    const std::vector<std::uint8_t> labels = {0, 1, 2, 2};
    const auto metrics = multiclassMetrics(rows, 3, labels);
    ASSERT_TRUE(metrics.has_value());
    EXPECT_DOUBLE_EQ(metrics->accuracy, 0.75);
    EXPECT_DOUBLE_EQ(*metrics->macroF1, (1.0 + 2.0 / 3 + 2.0 / 3) / 3);
    EXPECT_DOUBLE_EQ(metrics->logLoss, (3 * std::log(2.0) + std::log(4.0)) / 4);
    EXPECT_FALSE(multiclassMetrics({}, 3, {}).has_value());
    const std::vector<float> tie = {0.4F, 0.4F, 0.2F};
    EXPECT_EQ(mostProbable(tie), 0U);
}

TEST(MulticlassMetrics, AClassThatIsNowhereDoesNotCount) {
    const std::vector<float> rows = {1, 0, 0, 0, 1, 0};
    const std::vector<std::uint8_t> labels = {0, 1};
    EXPECT_DOUBLE_EQ(*multiclassMetrics(rows, 3, labels)->macroF1, 1);
}

TEST(RegressionMetrics, AreThoseOfScikitLearn) {
    // The example of scikit-learn's r2_score, mean_absolute_error and mean_squared_error.
    const std::vector<float> predicted = {2.5F, 0.0F, 2.0F, 8.0F};
    const std::vector<double> truth = {3, -0.5, 2, 7};
    const auto metrics = regressionMetrics(predicted, truth);
    ASSERT_TRUE(metrics.has_value());
    EXPECT_DOUBLE_EQ(metrics->mae, 0.5);
    EXPECT_DOUBLE_EQ(metrics->rmse, std::sqrt(0.375));
    EXPECT_NEAR(*metrics->r2, 0.9486081370449679, 1e-15);
    const std::vector<float> two = {1, 2};
    const std::vector<double> constant = {1, 1};
    EXPECT_EQ(regressionMetrics(two, constant)->r2, std::nullopt);
    EXPECT_FALSE(regressionMetrics({}, {}).has_value());
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
