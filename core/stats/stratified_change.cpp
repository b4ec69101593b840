#include "core/stats/stratified_change.h"

#include "core/stats/gamma.h"

#include <cmath>

namespace perch::stats {

std::optional<StratifiedChange> stratifiedChange(std::span<const Stratum> strata) {
    double rows = 0;
    StratifiedChange change;
    for (const Stratum& stratum : strata) {
        if (stratum.referenceRows == 0 || stratum.currentRows == 0)
            continue;
        ++change.strata;
        rows += static_cast<double>(stratum.currentRows);
    }
    if (change.strata == 0)
        return std::nullopt;
    double variance = 0, statistic = 0;
    int degrees = 0;
    for (const Stratum& stratum : strata) {
        if (stratum.referenceRows == 0 || stratum.currentRows == 0)
            continue;
        const double n = static_cast<double>(stratum.referenceRows), m = static_cast<double>(stratum.currentRows);
        const double p = static_cast<double>(stratum.referencePositives) / n;
        const double q = static_cast<double>(stratum.currentPositives) / m;
        const double weight = m / rows;
        change.value += weight * (q - p);
        variance += weight * weight * (p * (1 - p) / n + q * (1 - q) / m);
        const double pooled = (p * n + q * m) / (n + m);
        const double spread = pooled * (1 - pooled) * (1 / n + 1 / m);
        if (spread > 0) {
            statistic += (q - p) * (q - p) / spread;
            ++degrees;
        }
    }
    const double half = kNormal95 * std::sqrt(variance);
    change.interval = {change.value - half, change.value + half};
    change.p = degrees == 0 ? 1 : chiSquareUpperTail(statistic, degrees);
    return change;
}

} // namespace perch::stats
