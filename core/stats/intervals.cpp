#include "core/stats/intervals.h"

#include "core/stats/gamma.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace perch::stats {

std::optional<Interval> wilsonInterval(std::uint64_t successes, std::uint64_t trials, double z) {
    if (trials == 0)
        return std::nullopt;
    const double n = static_cast<double>(trials);
    const double share = static_cast<double>(successes) / n;
    const double z2 = z * z;
    const double center = (share + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    // At 0 of n and n of n the bound is exact; rounding must not push it past the share.
    return Interval{successes == 0 ? 0.0 : std::max(0.0, center - half),
                    successes == trials ? 1.0 : std::min(1.0, center + half)};
}

double normalUpperTail(double z) {
    return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

double normalTwoSided(double z) {
    return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

double fairCoinTwoSided(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t n = a + b;
    const std::uint64_t fewer = std::min(a, b);
    if (2 * fewer == n)
        return 1;
    // Sum of the smaller tail from its largest term down, which soon stops mattering.
    const double tosses = static_cast<double>(n);
    double term = std::exp(logGamma(tosses + 1) - logGamma(static_cast<double>(fewer) + 1) -
                           logGamma(tosses - static_cast<double>(fewer) + 1) - tosses * std::numbers::ln2);
    double tail = 0;
    for (std::uint64_t k = fewer;; --k) {
        tail += term;
        if (k == 0 || term < tail * 1e-17)
            break;
        term *= static_cast<double>(k) / static_cast<double>(n - k + 1);
    }
    return std::min(1.0, 2 * tail);
}

} // namespace perch::stats
