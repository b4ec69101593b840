#include "core/stats/percentile_interval.h"

#include <algorithm>
#include <numeric>

namespace perch::stats {

namespace {

double quantile(const std::vector<double>& sorted, double share) {
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace

Interval percentiles(Resamples& resamples) {
    std::ranges::sort(resamples.values);
    const auto moved = [&](double share) {
        return resamples.value + resamples.scale * (quantile(resamples.values, share) - resamples.center);
    };
    return {moved(0.025), moved(0.975)};
}

double signP(const Resamples& resamples) {
    const auto at = [&](double value) { return resamples.value + resamples.scale * (value - resamples.center); };
    const auto atMostZero = std::ranges::count_if(resamples.values, [&](double value) { return at(value) <= 0; });
    const auto atLeastZero = std::ranges::count_if(resamples.values, [&](double value) { return at(value) >= 0; });
    const double tail = static_cast<double>(std::min(atMostZero, atLeastZero) + 1);
    return std::min(1.0, 2 * tail / static_cast<double>(resamples.values.size() + 1));
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace perch::stats
