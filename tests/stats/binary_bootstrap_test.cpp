#include "core/stats/binary_bootstrap.h"
#include "core/stats/delong.h"
#include "core/stats/resampling.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <random>

namespace perch::stats {
namespace {

using test::failsWith;
using test::valueOf;

struct Rows {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

/// Calibrated scores, so that the truth is known.
Rows calibratedRows(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> unit(0, 1);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        const double score = unit(random);
        rows.scores.push_back(static_cast<float>(score));
        rows.labels.push_back(unit(random) < score);
    }
    return rows;
}

constexpr auto kAccuracy = static_cast<std::size_t>(BinaryMetric::Accuracy);
constexpr auto kRocAuc = static_cast<std::size_t>(BinaryMetric::RocAuc);
constexpr auto kBrier = static_cast<std::size_t>(BinaryMetric::Brier);

TEST(PoissonSource, HasTheMeanAndVarianceOfAPoisson) {
    PoissonSource source(1);
    for (const std::uint64_t mean : {1, 2, 9, 10, 30, 5'000}) {
        constexpr int kDraws = 60'000;
        double sum = 0, squares = 0;
        for (int i = 0; i < kDraws; ++i) {
            const double value = static_cast<double>(source.draw(mean)) - static_cast<double>(mean);
            sum += value;
            squares += value * value;
        }
        const double expected = static_cast<double>(mean);
        EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(expected / kDraws)) << mean;
        EXPECT_NEAR(squares / kDraws / expected, 1, 0.06) << mean;
    }
    EXPECT_EQ(source.draw(0), 0u);
}

TEST(Bootstrap, IsTheSameForASeedAndStopsWhenAsked) {
    const Rows rows = calibratedRows(1, 500);
    const ScoreCells cells = ScoreCells::from(rows.scores, rows.labels);
    const auto first = valueOf(bootstrapIntervals(cells, 0.5, {.resamples = 200, .seed = 3}, {}));
    const auto again = valueOf(bootstrapIntervals(cells, 0.5, {.resamples = 200, .seed = 3}, {}));
    const auto other = valueOf(bootstrapIntervals(cells, 0.5, {.resamples = 200, .seed = 4}, {}));
    EXPECT_EQ(first[kRocAuc]->low, again[kRocAuc]->low);
    EXPECT_NE(first[kRocAuc]->low, other[kRocAuc]->low);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(bootstrapIntervals(cells, 0.5, {}, stop.get_token()), failsWith(ErrorCode::Cancelled, testing::_));
    EXPECT_THAT(bootstrapDifferences({rows.scores}, {rows.scores}, rows.labels, {}, stop.get_token()),
                failsWith(ErrorCode::Cancelled, testing::_));
}

TEST(Bootstrap, IntervalsHoldTheValueAndAgreeWithTheory) {
    const Rows rows = calibratedRows(2, 1'500);
    const ScoreCells cells = ScoreCells::from(rows.scores, rows.labels);
    const auto points = binaryMetrics(cells, 0.5);
    const auto intervals = valueOf(bootstrapIntervals(cells, 0.5, {}, {}));
    for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
        ASSERT_TRUE(points[m] && intervals[m]) << m;
        EXPECT_LT(intervals[m]->low, *points[m]) << m;
        EXPECT_GT(intervals[m]->high, *points[m]) << m;
    }
    const double share = *points[kAccuracy];
    const double half = kNormal95 * std::sqrt(share * (1 - share) / 1'500);
    EXPECT_NEAR(intervals[kAccuracy]->high - intervals[kAccuracy]->low, 2 * half, 0.2 * half);
}

TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
    int covered = 0;
    constexpr int kRounds = 80;
    for (int round = 0; round < kRounds; ++round) {
        const Rows rows = calibratedRows(100 + static_cast<std::uint64_t>(round), 250);
        const auto cells = ScoreCells::from(rows.scores, rows.labels);
        const auto intervals = valueOf(bootstrapIntervals(cells, 0.5, {.resamples = 200, .seed = 1}, {}));
        // Uniform calibrated scores: E[s(1-s)] = 1/6.
        covered += intervals[kBrier]->low <= 1.0 / 6 && 1.0 / 6 <= intervals[kBrier]->high;
    }
    EXPECT_GE(covered, kRounds * 0.88);
}

TEST(Bootstrap, UndefinedMetricsHaveNoInterval) {
    const ScoreCells oneClass = ScoreCells::from(std::vector<float>{0.1F, 0.9F}, std::vector<std::uint8_t>{0, 0});
    const auto intervals = valueOf(bootstrapIntervals(oneClass, 0.5, {.resamples = 50, .seed = 1}, {}));
    EXPECT_EQ(intervals[kRocAuc], std::nullopt);
    EXPECT_TRUE(intervals[kBrier].has_value());
}

TEST(PairedBootstrap, SameModelHasNoDifference) {
    const Rows rows = calibratedRows(3, 1'000);
    const auto same =
        valueOf(bootstrapDifferences({rows.scores}, {rows.scores}, rows.labels, {.resamples = 100, .seed = 1}, {}));
    for (const auto& difference : same) {
        ASSERT_TRUE(difference);
        EXPECT_EQ(difference->value, 0);
        EXPECT_EQ(difference->interval.low, 0);
        EXPECT_EQ(difference->interval.high, 0);
        EXPECT_EQ(difference->p, 1);
    }
}

TEST(PairedBootstrap, JoinedRowsGiveNearlyTheIntervalOfRows) {
    // Just below and above the limit at which rows are joined.
    for (const std::size_t count : {20'000, 20'001}) {
        const Rows rows = calibratedRows(4, count);
        std::mt19937_64 random(5);
        std::normal_distribution<double> noise(0, 0.1);
        std::vector<float> worse;
        for (const float score : rows.scores)
            worse.push_back(static_cast<float>(std::clamp(static_cast<double>(score) + noise(random), 0.0, 1.0)));
        const auto differences =
            valueOf(bootstrapDifferences({rows.scores}, {worse}, rows.labels, {.resamples = 100, .seed = 1}, {}));
        const auto exact = *delong(rows.scores, worse, rows.labels);
        EXPECT_NEAR(differences[kRocAuc]->value, exact.value, 1e-12);
        EXPECT_NEAR(differences[kRocAuc]->interval.low, exact.interval.low,
                    0.15 * (exact.interval.high - exact.interval.low));
        EXPECT_NEAR(differences[kRocAuc]->interval.high, exact.interval.high,
                    0.15 * (exact.interval.high - exact.interval.low));
        EXPECT_LT(differences[kBrier]->interval.high, 0);
        EXPECT_LT(differences[kBrier]->p, 0.02);
    }
}

TEST(DeLong, IsAntisymmetricAndNeedsTwoRowsOfEachClass) {
    const Rows rows = calibratedRows(6, 300);
    const Rows other = calibratedRows(7, 300);
    const auto there = *delong(rows.scores, other.scores, rows.labels);
    const auto back = *delong(other.scores, rows.scores, rows.labels);
    EXPECT_NEAR(there.value, -back.value, 1e-12);
    EXPECT_NEAR(there.standardError, back.standardError, 1e-12);
    EXPECT_NEAR(there.p, back.p, 1e-9);
    EXPECT_EQ(delong(rows.scores, rows.scores, rows.labels)->p, 1);
    EXPECT_EQ(delong(std::vector<float>{0.1F, 0.2F, 0.3F}, std::vector<float>{0.1F, 0.2F, 0.3F},
                     std::vector<std::uint8_t>{0, 0, 1}),
              std::nullopt);
}

} // namespace
} // namespace perch::stats
