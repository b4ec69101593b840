#pragma once

#include <cstdint>
#include <optional>
#include <span>

/// Metrics of classifiers with any number of classes. `probabilities` holds `classes` numbers per row, `labels` one
/// class per row. Empty without rows. Pure and exact.
namespace perch::stats {

struct MulticlassMetrics {
    double accuracy = 0;           ///< the most probable class, of equal ones the first, is the right one
    std::optional<double> macroF1; ///< mean F1 of the classes that are there or were answered
    double logLoss = 0;            ///< probabilities clipped to [2^-52, 1]
};

std::optional<MulticlassMetrics> multiclassMetrics(std::span<const float> probabilities, std::size_t classes,
                                                   std::span<const std::uint8_t> labels);

/// The most probable class of one row, of equal ones the first.
std::size_t mostProbable(std::span<const float> row);

} // namespace perch::stats
