#include "core/stats/classification_metrics.h"

#include "core/stats/score_cells.h"

namespace perch::stats {

namespace {

std::optional<double> ratio(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0)
        return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

ConfusionMatrix confusionAt(std::span<const float> scores, std::span<const std::uint8_t> labels, double threshold) {
    std::uint64_t counts[2][2] = {};
    for (std::size_t i = 0; i < scores.size(); ++i)
        ++counts[labels[i] != 0][static_cast<double>(scores[i]) >= threshold];
    return {.truePositives = counts[1][1],
            .falsePositives = counts[0][1],
            .trueNegatives = counts[0][0],
            .falseNegatives = counts[1][0]};
}

std::optional<double> accuracy(const ConfusionMatrix& matrix) {
    return ratio(matrix.truePositives + matrix.trueNegatives, matrix.rows());
}

std::optional<double> precision(const ConfusionMatrix& matrix) {
    return ratio(matrix.truePositives, matrix.predictedPositives());
}

std::optional<double> recall(const ConfusionMatrix& matrix) {
    return ratio(matrix.truePositives, matrix.positives());
}

std::optional<double> f1(const ConfusionMatrix& matrix) {
    return ratio(2 * matrix.truePositives, 2 * matrix.truePositives + matrix.falsePositives + matrix.falseNegatives);
}

RankingMetrics rankingMetrics(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return ScoreCells::exactFrom(scores, labels).metrics();
}

std::optional<double> rocAuc(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return rankingMetrics(scores, labels).rocAuc;
}

std::optional<double> averagePrecision(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return rankingMetrics(scores, labels).averagePrecision;
}

std::optional<double> logLoss(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return rankingMetrics(scores, labels).logLoss;
}

std::optional<double> brier(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return rankingMetrics(scores, labels).brier;
}

std::optional<double> calibrationError(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return rankingMetrics(scores, labels).calibrationError;
}

} // namespace perch::stats
