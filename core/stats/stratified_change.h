#pragma once

#include "core/stats/intervals.h"

#include <cstdint>
#include <optional>
#include <span>

namespace perch::stats {

/// Counts of one stratum: how many rows of each side, and how many of them are positive.
struct Stratum {
    std::uint64_t referenceRows = 0, referencePositives = 0;
    std::uint64_t currentRows = 0, currentPositives = 0;
};

/// Whether a share changed within strata, whatever happened to the strata's own sizes.
struct StratifiedChange {
    double value = 0;         ///< current less reference share within strata, weighted by the current rows; -1 to 1
    Interval interval = {};   ///< 95 %, normal
    double p = 1;             ///< sum of the strata's chi-squares (2 x 2, no correction): finds changes that cancel too
    std::uint64_t strata = 0; ///< with rows on both sides
};

/// Empty if no stratum has rows on both sides.
std::optional<StratifiedChange> stratifiedChange(std::span<const Stratum> strata);

} // namespace perch::stats
