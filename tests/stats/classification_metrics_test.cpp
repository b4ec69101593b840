#include "core/stats/classification_metrics.h"
#include "core/stats/score_cells.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <random>

namespace perch::stats {
namespace {

using testing::DoubleNear;
using testing::Optional;

struct Sample {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

/// Scores with many ties, related to the label.
Sample makeSample(std::mt19937& random, std::size_t rows, int levels) {
    Sample sample;
    std::uniform_int_distribution<int> level(0, levels - 1);
    std::uniform_real_distribution<double> unit(0, 1);
    for (std::size_t i = 0; i < rows; ++i) {
        const double score = static_cast<double>(level(random)) / levels;
        sample.scores.push_back(static_cast<float>(score));
        sample.labels.push_back(unit(random) < 0.2 + 0.6 * score);
    }
    return sample;
}

double aucByPairs(const Sample& sample) {
    double wins = 0, pairs = 0;
    for (std::size_t i = 0; i < sample.scores.size(); ++i) {
        for (std::size_t j = 0; j < sample.scores.size(); ++j) {
            if (sample.labels[i] == 1 && sample.labels[j] == 0) {
                wins += sample.scores[i] > sample.scores[j] ? 1 : sample.scores[i] == sample.scores[j] ? 0.5 : 0;
                pairs += 1;
            }
        }
    }
    return wins / pairs;
}

TEST(ClassificationMetrics, KnownMatrix) {
    const ConfusionMatrix matrix{.truePositives = 30, .falsePositives = 10, .trueNegatives = 40, .falseNegatives = 20};
    EXPECT_THAT(accuracy(matrix), Optional(0.7));
    EXPECT_THAT(precision(matrix), Optional(0.75));
    EXPECT_THAT(recall(matrix), Optional(0.6));
    EXPECT_THAT(f1(matrix), Optional(DoubleNear(2 * 0.75 * 0.6 / 1.35, 1e-15)));
}

TEST(ClassificationMetrics, UndefinedIsNothingNotZero) {
    const ConfusionMatrix nothingPredicted{.trueNegatives = 7, .falseNegatives = 3};
    EXPECT_EQ(precision(nothingPredicted), std::nullopt);
    EXPECT_THAT(recall(nothingPredicted), Optional(0.0));
    EXPECT_THAT(f1(nothingPredicted), Optional(0.0));
    EXPECT_EQ(recall(ConfusionMatrix{.trueNegatives = 7}), std::nullopt);
    EXPECT_EQ(f1(ConfusionMatrix{.trueNegatives = 7}), std::nullopt);
    EXPECT_EQ(accuracy(ConfusionMatrix{}), std::nullopt);

    const std::vector<float> scores{0.2F, 0.7F};
    for (const std::vector<std::uint8_t>& oneClass : {std::vector<std::uint8_t>{0, 0}, {1, 1}}) {
        EXPECT_EQ(rocAuc(scores, oneClass), std::nullopt);
        EXPECT_EQ(averagePrecision(scores, oneClass), std::nullopt);
        EXPECT_TRUE(logLoss(scores, oneClass).has_value());
    }
    EXPECT_EQ(logLoss({}, {}), std::nullopt);
    EXPECT_EQ(brier({}, {}), std::nullopt);
    EXPECT_EQ(calibrationError({}, {}), std::nullopt);
}

TEST(ClassificationMetrics, ThresholdIsInclusive) {
    const std::vector<float> scores{0.49F, 0.5F, 0.51F};
    const std::vector<std::uint8_t> labels{1, 1, 0};
    const ConfusionMatrix expected{.truePositives = 1, .falsePositives = 1, .trueNegatives = 0, .falseNegatives = 1};
    EXPECT_EQ(confusionAt(scores, labels, 0.5), expected);
}

TEST(ClassificationMetrics, CertainAndWrongHasAFiniteLoss) {
    EXPECT_THAT(logLoss(std::vector<float>{0.0F, 1.0F}, std::vector<std::uint8_t>{1, 0}),
                Optional(DoubleNear(-std::log(std::numeric_limits<double>::epsilon()), 1e-6)));
}

TEST(ClassificationMetrics, RocAucCountsPairsWithTiesAsHalf) {
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        const Sample sample = makeSample(random, 60, 1 + round % 20);
        const auto auc = rocAuc(sample.scores, sample.labels);
        if (auc) {
            EXPECT_NEAR(*auc, aucByPairs(sample), 1e-12) << round;
        }
    }
}

TEST(ClassificationMetrics, StayInBoundsAndFlipWithTheLabels) {
    std::mt19937 random(2);
    for (int round = 0; round < 100; ++round) {
        const Sample sample = makeSample(random, 40, 15);
        const RankingMetrics metrics = rankingMetrics(sample.scores, sample.labels);
        for (const auto& value : {metrics.rocAuc, metrics.averagePrecision, metrics.brier, metrics.calibrationError}) {
            if (value) {
                EXPECT_GE(*value, 0);
                EXPECT_LE(*value, 1);
            }
        }
        std::vector<std::uint8_t> flipped;
        for (const std::uint8_t label : sample.labels)
            flipped.push_back(label == 0);
        if (metrics.rocAuc) {
            EXPECT_NEAR(*rocAuc(sample.scores, flipped), 1 - *metrics.rocAuc, 1e-12);
        }
    }
}

TEST(ScoreCells, MergedPartsEqualTheWhole) {
    std::mt19937 random(3);
    for (const int levels : {3, 1'000, 1'000'000}) { // the last one has more distinct scores than cells
        const Sample sample = makeSample(random, levels < 1'000'000 ? 20'000 : 75'000, levels);
        const std::size_t cut = random() % sample.scores.size();
        const std::span scores(sample.scores);
        const std::span labels(sample.labels);
        const ScoreCells whole = ScoreCells::from(scores, labels);
        const ScoreCells merged = ScoreCells::merge(ScoreCells::from(scores.first(cut), labels.first(cut)),
                                                    ScoreCells::from(scores.subspan(cut), labels.subspan(cut)));
        EXPECT_EQ(whole.exact(), levels < 1'000'000);
        EXPECT_EQ(merged.exact(), whole.exact());
        EXPECT_TRUE(std::ranges::equal(merged.negatives(), whole.negatives())) << levels;
        EXPECT_TRUE(std::ranges::equal(merged.positives(), whole.positives())) << levels;
        EXPECT_TRUE(std::ranges::equal(merged.lowest(), whole.lowest())) << levels;
    }
}

TEST(ScoreCells, AgreeWithTheRowsAtEveryThreshold) {
    std::mt19937 random(4);
    const Sample sample = makeSample(random, 5'000, 700);
    const ScoreCells cells = ScoreCells::from(sample.scores, sample.labels);
    for (int i = -1; i <= 101; ++i) {
        const double threshold = i / 100.0;
        EXPECT_EQ(cells.confusionAt(threshold), confusionAt(sample.scores, sample.labels, threshold)) << threshold;
    }
}

TEST(ScoreCells, GridIsExactOnItsLinesAndCloseElsewhere) {
    std::mt19937 random(5);
    const Sample sample = makeSample(random, 80'000, 100'000'000);
    const ScoreCells cells = ScoreCells::from(sample.scores, sample.labels);
    ASSERT_FALSE(cells.exact());
    EXPECT_LE(cells.size(), ScoreCells::kMaxCells);
    EXPECT_EQ(cells.confusionAt(0.5), confusionAt(sample.scores, sample.labels, 0.5));
    const RankingMetrics exact = rankingMetrics(sample.scores, sample.labels);
    const RankingMetrics grid = cells.metrics();
    EXPECT_NEAR(*grid.rocAuc, *exact.rocAuc, 1e-4);
    EXPECT_NEAR(*grid.brier, *exact.brier, 1e-6);
    EXPECT_NEAR(*grid.logLoss, *exact.logLoss, 1e-4);
}

TEST(ScoreCells, CoarseCellsKeepRowsAndTheThreshold) {
    std::mt19937 random(6);
    const Sample sample = makeSample(random, 60'000, 20'000);
    const ScoreCells cells = ScoreCells::from(sample.scores, sample.labels);
    const ScoreCells coarse = cells.coarsened(2'000, 0.3217);
    EXPECT_LE(coarse.size(), 2'002u);
    EXPECT_EQ(coarse.rows(), cells.rows());
    EXPECT_EQ(coarse.confusionAt(0.3217), cells.confusionAt(0.3217));
    EXPECT_NEAR(*coarse.metrics().rocAuc, *cells.metrics().rocAuc, 1e-3);
}

} // namespace
} // namespace perch::stats
