#pragma once

#include "core/stats/row_bootstrap.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

/// Metrics of classifiers with any number of classes. `probabilities` holds `classes` numbers per row, `labels` one
/// class per row (below `classes`). The answer is the most probable class, of equal ones the first. Pure and exact.
namespace perch::stats {

enum class MulticlassMetric : std::uint8_t {
    Accuracy,
    MacroPrecision, ///< mean over the classes that are there or were answered; one never answered counts 0, as in
    MacroRecall,    ///< scikit-learn; so does one of which no row is right
    MacroF1,
    WeightedF1,       ///< mean weighted by the rows of each class
    RocAuc,           ///< each class against the rest, mean over the classes that are there; empty with one class
    PrAuc,            ///< average precision, likewise
    LogLoss,          ///< probabilities clipped to [2^-52, 1]
    Brier,            ///< mean of the sum over classes of (probability - truth)^2, 0 to 2
    CalibrationError, ///< of the answered class's probability against the share of right answers, 10 equal bins
};
inline constexpr std::size_t kMulticlassMetrics = 10;

/// In the order above; all empty without rows.
MetricList multiclassMetrics(std::span<const float> probabilities, std::size_t classes,
                             std::span<const std::uint8_t> labels);

/// With what a bootstrap needs: at most 20,000 rows, and fewer with more than ten classes.
SampledMetrics sampledMulticlassMetrics(std::span<const float> probabilities, std::size_t classes,
                                        std::span<const std::uint8_t> labels, std::uint64_t seed);

/// Rows per truth and answer: `counts[truth * classes + answer]`.
std::vector<std::uint64_t> confusionCounts(std::span<const float> probabilities, std::size_t classes,
                                           std::span<const std::uint8_t> labels);

/// The most probable class of one row, of equal ones the first.
std::size_t mostProbable(std::span<const float> row);

} // namespace perch::stats
