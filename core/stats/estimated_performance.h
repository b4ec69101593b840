#pragma once

#include "core/stats/intervals.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace perch::stats {

/// The metrics that can be estimated before labels arrive: positions in EstimatedPerformance::metrics.
enum class PerformanceMetric : std::uint8_t { Accuracy, Precision, Recall, F1, RocAuc };
inline constexpr std::size_t kEstimatedMetrics = 5;
inline constexpr std::array<std::string_view, kEstimatedMetrics> kEstimatedMetricNames = {"accuracy", "precision",
                                                                                          "recall", "f1", "roc_auc"};

struct EstimatedMetric {
    double value = 0;
    /// 95 %: where the realized value will be if the probabilities are right, by the delta method over the unknown
    /// labels. It says nothing about a change of P(y | x). None for ROC-AUC.
    std::optional<Interval> interval = {};
};

/// Confidence-based estimation (CBPE of NannyML): if `probabilities` are the chances that each row is positive, the
/// expected confusion matrix is a sum over rows, and each metric is that of the expected matrix. ROC-AUC is over all
/// pairs of a positive and a negative, with ties of the score counted half.
struct EstimatedPerformance {
    std::array<std::optional<EstimatedMetric>, kEstimatedMetrics> metrics =
        {}; ///< empty: undefined, e.g. nothing predicted
    double truePositives = 0, falsePositives = 0, trueNegatives = 0, falseNegatives = 0; ///< expected, in rows
};

/// `probabilities` (calibrated, 0 to 1) belong to `scores` (as the model gave them); positive is predicted at or above
/// `threshold`. Empty without rows or if the lengths differ.
std::optional<EstimatedPerformance> estimatePerformance(std::span<const double> probabilities,
                                                        std::span<const float> scores, double threshold);

} // namespace perch::stats
