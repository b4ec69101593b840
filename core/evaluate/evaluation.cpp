#include "core/evaluate/evaluation.h"

#include "core/base/number_format.h"
#include "core/stats/intervals.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::evaluate {

namespace {

/// In the order of stats::BinaryMetric.
constexpr std::array kBinaryDefinitions = {
    MetricDefinition{.name = "accuracy", .title = "Accuracy", .share = true},
    MetricDefinition{.name = "precision", .title = "Precision", .share = true},
    MetricDefinition{.name = "recall", .title = "Recall", .share = true},
    MetricDefinition{.name = "f1", .title = "F1"},
    MetricDefinition{.name = "roc_auc", .title = "ROC AUC"},
    MetricDefinition{.name = "pr_auc", .title = "PR AUC"},
    MetricDefinition{.name = "log_loss", .title = "Log loss", .higherIsBetter = false},
    MetricDefinition{.name = "brier", .title = "Brier score", .higherIsBetter = false},
    MetricDefinition{.name = "calibration_error", .title = "Calibration error", .higherIsBetter = false}};

/// In the order of stats::MulticlassMetric.
constexpr std::array kMulticlassDefinitions = {
    MetricDefinition{.name = "accuracy", .title = "Accuracy", .share = true},
    MetricDefinition{.name = "macro_precision", .title = "Precision, macro", .share = true},
    MetricDefinition{.name = "macro_recall", .title = "Recall, macro", .share = true},
    MetricDefinition{.name = "macro_f1", .title = "F1, macro"},
    MetricDefinition{.name = "weighted_f1", .title = "F1, weighted"},
    MetricDefinition{.name = "roc_auc", .title = "ROC AUC, class against rest"},
    MetricDefinition{.name = "pr_auc", .title = "PR AUC, class against rest"},
    MetricDefinition{.name = "log_loss", .title = "Log loss", .higherIsBetter = false},
    MetricDefinition{.name = "brier", .title = "Brier score", .higherIsBetter = false},
    MetricDefinition{.name = "calibration_error", .title = "Calibration error", .higherIsBetter = false}};

/// In the order of stats::RegressionMetric.
constexpr std::array kRegressionDefinitions = {
    MetricDefinition{.name = "mae", .title = "Mean absolute error", .higherIsBetter = false, .error = true},
    MetricDefinition{.name = "rmse", .title = "Root mean squared error", .higherIsBetter = false, .error = true},
    MetricDefinition{.name = "r2", .title = "R²"},
    MetricDefinition{.name = "within_tolerance", .title = "Within tolerance", .share = true}};

constexpr int kHundredths = 100;

/// Decimals that show four significant digits.
int decimalsOf(double value) {
    const double size = std::abs(value);
    return size == 0 ? 3 : std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 9);
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
    switch (task) {
    case model::Task::Binary:
        return kBinaryDefinitions;
    case model::Task::MultiClass:
        return kMulticlassDefinitions;
    case model::Task::Regression:
        break;
    }
    return kRegressionDefinitions;
}

std::string_view decidingMetric(model::Task task) {
    return task == model::Task::Binary ? "f1" : task == model::Task::MultiClass ? "macro_f1" : "mae";
}

std::string bareMetricText(const MetricDefinition& definition, double value) {
    if (definition.share)
        return formatDecimal(value * 100, 1);
    return formatDecimal(value, definition.error ? decimalsOf(value) : 3);
}

std::string metricText(const MetricDefinition& definition, double value) {
    return definition.share ? formatPercent(value) : bareMetricText(definition, value);
}

std::string changeText(const MetricDefinition& definition, double change) {
    if (definition.share)
        return formatPoints(change);
    return formatSigned(change, definition.error ? decimalsOf(change) : 3);
}

MetricValue shareOf(std::uint64_t part, std::uint64_t whole) {
    const std::optional<stats::Interval> interval = stats::wilsonInterval(part, whole);
    if (!interval)
        return {};
    return {static_cast<double>(part) / static_cast<double>(whole), interval->low, interval->high};
}

MetricValue f1Of(std::uint64_t right, std::uint64_t there, std::uint64_t answered) {
    const std::optional<stats::Interval> share = stats::wilsonInterval(right, there + answered - right);
    if (!share)
        return {};
    const auto mapped = [](double s) { return 2 * s / (1 + s); };
    return {2 * static_cast<double>(right) / static_cast<double>(there + answered), mapped(share->low),
            mapped(share->high)};
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
    return {{"accuracy", shareOf(matrix.truePositives + matrix.trueNegatives, matrix.rows())},
            {"precision", shareOf(matrix.truePositives, matrix.predictedPositives())},
            {"recall", shareOf(matrix.truePositives, matrix.positives())},
            {"f1", f1Of(matrix.truePositives, matrix.positives(), matrix.predictedPositives())}};
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

std::optional<double> thresholdForPrecision(const stats::ScoreCells& cells, double target) {
    const stats::ConfusionMatrix matrix = cells.confusionAt(0);
    std::uint64_t found = matrix.truePositives, alarms = matrix.falsePositives;
    // Upwards the recall only falls: the first threshold that is precise enough has the most of it.
    for (std::size_t i = 0; i < cells.size() && found > 0; ++i) {
        if (static_cast<double>(found) >= target * static_cast<double>(found + alarms))
            return cells.lowest()[i];
        found -= cells.positives()[i];
        alarms -= cells.negatives()[i];
    }
    return std::nullopt;
}

std::optional<double> thresholdForRecall(const stats::ScoreCells& cells, double target) {
    const std::uint64_t positives = cells.confusionAt(0).positives();
    std::uint64_t found = 0;
    for (std::size_t i = cells.size(); i-- > 0 && positives > 0;) {
        found += cells.positives()[i];
        if (static_cast<double>(found) >= target * static_cast<double>(positives))
            return cells.lowest()[i];
    }
    return std::nullopt;
}

} // namespace perch::evaluate
