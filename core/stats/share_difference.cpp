#include "core/stats/share_difference.h"

#include "core/stats/two_sample.h"

#include <cmath>

namespace perch::stats {

std::optional<ShareDifference> shareDifference(std::uint64_t successesBefore, std::uint64_t trialsBefore,
                                               std::uint64_t successesAfter, std::uint64_t trialsAfter) {
    const std::optional<Interval> before = wilsonInterval(successesBefore, trialsBefore);
    const std::optional<Interval> after = wilsonInterval(successesAfter, trialsAfter);
    if (!before || !after)
        return std::nullopt;
    const double p = static_cast<double>(successesBefore) / static_cast<double>(trialsBefore);
    const double q = static_cast<double>(successesAfter) / static_cast<double>(trialsAfter);
    ShareDifference difference{.value = q - p};
    difference.interval = {difference.value - std::hypot(q - after->low, before->high - p),
                           difference.value + std::hypot(after->high - q, p - before->low)};
    difference.p = twoShares(successesBefore, trialsBefore, successesAfter, trialsAfter)->p;
    return difference;
}

} // namespace perch::stats
