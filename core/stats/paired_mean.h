#pragma once

#include "core/stats/intervals.h"

#include <optional>
#include <span>

namespace perch::stats {

/// The mean of paired differences with its 95 % interval, from the normal distribution (fit for hundreds of rows).
struct PairedMean {
    double value = 0;
    Interval interval;
    double p = 1; ///< two-sided
};

/// Candidate less baseline, value by value. Empty with fewer than two. Spans have the same length.
std::optional<PairedMean> pairedMean(std::span<const double> candidate, std::span<const double> baseline);

} // namespace perch::stats
