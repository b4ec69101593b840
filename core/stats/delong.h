#pragma once

#include "core/stats/intervals.h"

#include <cstdint>
#include <optional>
#include <span>

namespace perch::stats {

/// The difference of two ROC areas on the same rows, candidate less baseline (DeLong, DeLong and Clarke-Pearson 1988).
struct AucDifference {
    double value = 0;
    double standardError = 0;
    Interval interval;
    double p = 1; ///< two-sided
};

/// Empty with fewer than two rows of a class.
std::optional<AucDifference> delong(std::span<const float> candidate, std::span<const float> baseline,
                                    std::span<const std::uint8_t> labels);

} // namespace perch::stats
