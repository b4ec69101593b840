#include "core/stats/multiclass_metrics.h"
#include "core/stats/regression_metrics.h"
#include "core/stats/row_bootstrap.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <random>

namespace perch::stats {
namespace {

using test::failsWith;
using test::valueOf;

struct Numbers {
    std::vector<float> good, bad;
    std::vector<double> truth;
};

Numbers makeNumbers(std::uint64_t seed, std::size_t rows) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> noise(0, 1);
    Numbers numbers;
    for (std::size_t i = 0; i < rows; ++i) {
        numbers.truth.push_back(10 * noise(random));
        numbers.good.push_back(static_cast<float>(numbers.truth.back() + noise(random)));
        numbers.bad.push_back(static_cast<float>(numbers.truth.back() + 1.3 * noise(random)));
    }
    return numbers;
}

double width(const Interval& interval) {
    return interval.high - interval.low;
}

TEST(RowBootstrap, TheIntervalOfAMeanIsThatOfTheNormalDistribution) {
    const Numbers numbers = makeNumbers(1, 500);
    const SampledMetrics metrics = sampledRegressionMetrics(numbers.good, numbers.truth, {}, 1);
    const auto intervals = valueOf(rowIntervals(metrics, {.resamples = 1'000, .seed = 2}, {}));
    const Interval mae = intervals[static_cast<std::size_t>(RegressionMetric::Mae)].value();
    // The absolute value of a standard normal has the standard deviation sqrt(1 - 2 / pi).
    EXPECT_NEAR(width(mae), 2 * kNormal95 * std::sqrt((1 - 2 / M_PI) / 500), 0.012);
}

TEST(RowBootstrap, MoreRowsThanAreResampledGiveTheIntervalOfAllOfThem) {
    const Numbers numbers = makeNumbers(2, 80'000);
    const SampledMetrics metrics = sampledRegressionMetrics(numbers.good, numbers.truth, {}, 1);
    EXPECT_EQ(metrics.sample->rows(), 20'000u);
    const auto intervals = valueOf(rowIntervals(metrics, {.resamples = 60, .seed = 2}, {}));
    const std::size_t mae = static_cast<std::size_t>(RegressionMetric::Mae);
    EXPECT_NEAR(width(*intervals[mae]), 2 * kNormal95 * std::sqrt((1 - 2 / M_PI) / 80'000), 0.0025);
    EXPECT_LT(intervals[mae]->low, *metrics.values[mae]);
    EXPECT_GT(intervals[mae]->high, *metrics.values[mae]);
}

TEST(RowBootstrap, DifferencesArePaired) {
    const Numbers numbers = makeNumbers(3, 3'000);
    const SampledMetrics good = sampledRegressionMetrics(numbers.good, numbers.truth, {}, 1);
    const SampledMetrics bad = sampledRegressionMetrics(numbers.bad, numbers.truth, {}, 1);
    const BootstrapOptions options{.resamples = 100, .seed = 4};
    const std::size_t rmse = static_cast<std::size_t>(RegressionMetric::Rmse);
    const PairedDifference difference = valueOf(rowDifferences(good, bad, options, {}))[rmse].value();
    EXPECT_NEAR(difference.value, -0.3, 0.05);
    EXPECT_LT(difference.interval.high, 0);
    EXPECT_LT(difference.p, 0.03);
    const PairedDifference none = valueOf(rowDifferences(good, good, options, {}))[rmse].value();
    EXPECT_EQ(none.value, 0);
    EXPECT_EQ(none.interval.low, 0);
    EXPECT_EQ(none.interval.high, 0);
    EXPECT_EQ(none.p, 1);
}

TEST(RowBootstrap, ClassesHaveIntervalsAroundTheirValues) {
    std::mt19937_64 random(5);
    std::uniform_real_distribution<float> unit(0, 1);
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
    for (int i = 0; i < 1'500; ++i) {
        labels.push_back(static_cast<std::uint8_t>(random() % 3));
        float row[3], sum = 0;
        for (int c = 0; c < 3; ++c)
            sum += row[c] = unit(random) + (labels.back() == c ? 0.7F : 0.0F);
        for (const float score : row)
            scores.push_back(score / sum);
    }
    const SampledMetrics metrics = sampledMulticlassMetrics(scores, 3, labels, 1);
    const auto intervals = valueOf(rowIntervals(metrics, {.resamples = 200, .seed = 6}, {}));
    for (std::size_t m = 0; m < kMulticlassMetrics; ++m) {
        ASSERT_TRUE(metrics.values[m] && intervals[m]) << m;
        EXPECT_LT(intervals[m]->low, *metrics.values[m]) << m;
        EXPECT_GT(intervals[m]->high, *metrics.values[m]) << m;
        EXPECT_LT(width(*intervals[m]), 0.12) << m;
    }
    // Accuracy is a share: Wilson knows its interval.
    const Interval wilson =
        wilsonInterval(static_cast<std::uint64_t>(std::lround(*metrics.values[0] * 1'500)), 1'500).value();
    EXPECT_NEAR(intervals[0]->low, wilson.low, 0.01);
    EXPECT_NEAR(intervals[0]->high, wilson.high, 0.01);
}

TEST(RowBootstrap, RowsAreDrawnOnceEachAndTheSameForASeed) {
    const auto drawn = drawnRows(1'000, 100, 7);
    EXPECT_EQ(drawn.size(), 100u);
    EXPECT_TRUE(std::ranges::is_sorted(drawn, std::less_equal{}));
    EXPECT_LT(drawn.back(), 1'000u);
    EXPECT_EQ(drawnRows(1'000, 100, 7), drawn);
    EXPECT_NE(drawnRows(1'000, 100, 8), drawn);
    EXPECT_EQ(drawnRows(5, 100, 7).size(), 5u);
}

TEST(RowBootstrap, StopsWhenAsked) {
    const Numbers numbers = makeNumbers(8, 100);
    std::stop_source stop;
    stop.request_stop();
    const SampledMetrics metrics = sampledRegressionMetrics(numbers.good, numbers.truth, {}, 1);
    EXPECT_THAT(rowIntervals(metrics, {}, stop.get_token()), failsWith(ErrorCode::Cancelled, testing::_));
}

} // namespace
} // namespace perch::stats
