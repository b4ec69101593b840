#include "core/base/number_format.h"
#include "core/drift/model_drift.h"
#include "core/drift/model_scores.h"
#include "core/stats/classification_metrics.h"

namespace perch::drift {

namespace {

constexpr std::size_t kCheckedRows = 200; // labelled reference rows below which the estimate is not checked
constexpr double kGoodCalibration = 0.05;

using Metrics = std::array<std::optional<double>, stats::kEstimatedMetrics>;

struct LabelledScores {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

/// Every second labelled row from `first` on, of `step` 2; all of `step` 1.
LabelledScores labelled(const ScoredSide& side, std::size_t first, std::size_t step) {
    LabelledScores rows;
    std::size_t position = 0;
    for (std::size_t i = 0; i < side.labels.size(); ++i) {
        if (side.labels[i] == kUnlabelled || position++ % step != first)
            continue;
        rows.scores.push_back(side.scores[i]);
        rows.labels.push_back(side.labels[i]);
    }
    return rows;
}

Metrics realizedOn(const LabelledScores& rows, double threshold) {
    if (rows.labels.empty())
        return {};
    const stats::ConfusionMatrix matrix = stats::confusionAt(rows.scores, rows.labels, threshold);
    return {stats::accuracy(matrix), stats::precision(matrix), stats::recall(matrix), stats::f1(matrix),
            stats::rocAuc(rows.scores, rows.labels)};
}

std::optional<double> calibrationErrorOf(const LabelledScores& rows, const stats::IsotonicCalibration* calibration) {
    const std::vector<double> probabilities = probabilitiesOf(rows.scores, calibration);
    return stats::calibrationError(std::vector<float>(probabilities.begin(), probabilities.end()), rows.labels);
}

Metrics valuesOf(const stats::EstimatedPerformance& estimate) {
    Metrics values;
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        if (estimate.metrics[m])
            values[m] = estimate.metrics[m]->value;
    }
    return values;
}

std::string reasonOf(const PerformanceEstimate& estimate) {
    if (!estimate.calibrationError)
        return fmt::format("Not checked: fewer than {} labelled reference rows say whether the scores are probabilities.",
                           kCheckedRows);
    return fmt::format("The {} are off by {} on {} labelled reference rows{}; a change of P(y | x) is not seen.",
                       estimate.calibrated ? "recalibrated scores" : "scores", formatPercent(*estimate.calibrationError),
                       formatCount(estimate.checkRows),
                       *estimate.calibrationError > kGoodCalibration ? ", too much to rely on" : "");
}

} // namespace

std::optional<PerformanceEstimate> estimateOn(const ScoredSide& reference, const ScoredSide& current, double threshold) {
    PerformanceEstimate estimate{.rows = current.scores.size()};
    const LabelledScores learned = labelled(reference, 0, 2), check = labelled(reference, 1, 2);
    std::optional<stats::IsotonicCalibration> calibration;
    const bool checked = learned.labels.size() + check.labels.size() >= kCheckedRows;
    if (checked) {
        calibration = stats::IsotonicCalibration::fit(learned.scores, learned.labels);
        estimate.calibrationError = calibrationErrorOf(check, nullptr);
        const std::optional<double> after = calibrationErrorOf(check, &*calibration);
        estimate.calibrated = after && estimate.calibrationError && *after < *estimate.calibrationError;
        if (estimate.calibrated)
            estimate.calibrationError = after;
    }
    if (estimate.calibrated)
        estimate.calibration = std::move(calibration);
    const stats::IsotonicCalibration* used = estimate.calibration ? &*estimate.calibration : nullptr;
    const auto measured =
        stats::estimatePerformance(probabilitiesOf(current.scores, used), current.scores, threshold);
    if (!measured)
        return std::nullopt;
    estimate.current = *measured;
    estimate.realized = realizedOn(labelled(current, 0, 1), threshold);
    if (checked) {
        estimate.checkRows = check.labels.size();
        estimate.checkEstimated =
            valuesOf(*stats::estimatePerformance(probabilitiesOf(check.scores, used), check.scores, threshold));
        estimate.checkRealized = realizedOn(check, threshold);
    }
    estimate.reason = reasonOf(estimate);
    return estimate;
}

} // namespace perch::drift
