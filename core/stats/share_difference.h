#pragma once

#include "core/stats/intervals.h"

#include <cstdint>
#include <optional>

namespace perch::stats {

/// How a share changed from `before` to `after`, -1 to 1.
struct ShareDifference {
    double value = 0;
    Interval interval = {}; ///< 95 %: Newcombe's hybrid of two Wilson intervals (1998, method 10)
    double p = 1;      ///< two-sided pooled z test that both are equal
};

/// Empty without trials on a side.
std::optional<ShareDifference> shareDifference(std::uint64_t successesBefore, std::uint64_t trialsBefore,
                                               std::uint64_t successesAfter, std::uint64_t trialsAfter);

} // namespace perch::stats
