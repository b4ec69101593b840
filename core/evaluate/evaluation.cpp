#include "core/evaluate/evaluation.h"

#include "core/stats/intervals.h"

#include <algorithm>
#include <array>

namespace perch::evaluate {

namespace {

/// In the order of stats::BinaryMetric.
constexpr std::array kBinaryDefinitions = {MetricDefinition{"accuracy", true, true},
                                           MetricDefinition{"precision", true, true},
                                           MetricDefinition{"recall", true, true},
                                           MetricDefinition{"f1", true, false},
                                           MetricDefinition{"roc_auc", true, false},
                                           MetricDefinition{"pr_auc", true, false},
                                           MetricDefinition{"log_loss", false, false},
                                           MetricDefinition{"brier", false, false},
                                           MetricDefinition{"calibration_error", false, false}};

constexpr int kHundredths = 100;

MetricValue shareWithInterval(std::uint64_t part, std::uint64_t whole) {
    const std::optional<stats::Interval> interval = stats::wilsonInterval(part, whole);
    if (!interval)
        return {};
    return {static_cast<double>(part) / static_cast<double>(whole), interval->low, interval->high};
}

std::optional<double> metricOf(const stats::ConfusionMatrix& matrix, std::string_view metric) {
    if (metric == "accuracy")
        return stats::accuracy(matrix);
    if (metric == "precision")
        return stats::precision(matrix);
    if (metric == "recall")
        return stats::recall(matrix);
    if (metric == "f1")
        return stats::f1(matrix);
    return std::nullopt;
}

/// The matrix at every hundredth in one pass over the cells.
std::vector<stats::ConfusionMatrix> matricesOverThreshold(const stats::ScoreCells& cells) {
    std::vector<stats::ConfusionMatrix> matrices;
    stats::ConfusionMatrix matrix = cells.confusionAt(0);
    std::size_t cell = cells.firstPositive(0);
    for (int i = 0; i <= kHundredths; ++i) {
        for (const std::size_t end = cells.firstPositive(i / static_cast<double>(kHundredths)); cell < end; ++cell) {
            matrix.truePositives -= cells.positives()[cell];
            matrix.falseNegatives += cells.positives()[cell];
            matrix.falsePositives -= cells.negatives()[cell];
            matrix.trueNegatives += cells.negatives()[cell];
        }
        matrices.push_back(matrix);
    }
    return matrices;
}

} // namespace

std::span<const MetricDefinition> metricDefinitions(model::Task task) {
    return task == model::Task::Binary ? std::span<const MetricDefinition>(kBinaryDefinitions)
                                : std::span<const MetricDefinition>();
}

std::string_view toString(Verdict verdict) {
    switch (verdict) {
    case Verdict::Better:
        return "better";
    case Verdict::NotWorse:
        return "not_worse";
    case Verdict::Undecided:
        return "undecided";
    case Verdict::Worse:
        return "worse";
    }
    return "undecided";
}

MetricValues thresholdMetrics(const stats::ScoreCells& cells, double threshold) {
    const stats::ConfusionMatrix matrix = cells.confusionAt(threshold);
    return {{"accuracy", shareWithInterval(matrix.truePositives + matrix.trueNegatives, matrix.rows())},
            {"precision", shareWithInterval(matrix.truePositives, matrix.predictedPositives())},
            {"recall", shareWithInterval(matrix.truePositives, matrix.positives())},
            {"f1", MetricValue{.value = stats::f1(matrix)}}};
}

std::vector<EvaluationPoint> thresholdCurve(const stats::ScoreCells& cells, std::string_view metric) {
    std::vector<EvaluationPoint> points;
    const std::vector<stats::ConfusionMatrix> matrices = matricesOverThreshold(cells);
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const double threshold = static_cast<double>(i) / kHundredths;
        if (const std::optional<double> value = metricOf(matrices[i], metric))
            points.push_back({threshold, *value, threshold});
    }
    return points;
}

double cheapestThreshold(const stats::ScoreCells& cells, double falseNegativeCost, double falsePositiveCost) {
    const std::vector<stats::ConfusionMatrix> matrices = matricesOverThreshold(cells);
    const auto cost = [&](const stats::ConfusionMatrix& matrix) {
        return falseNegativeCost * static_cast<double>(matrix.falseNegatives) +
               falsePositiveCost * static_cast<double>(matrix.falsePositives);
    };
    const auto cheapest = std::ranges::min_element(matrices, {}, cost);
    return static_cast<double>(cheapest - matrices.begin()) / kHundredths;
}

} // namespace perch::evaluate
