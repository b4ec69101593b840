#include "core/stats/sequential.h"

#include <algorithm>
#include <cmath>

namespace perch::stats {

namespace {

double pooledShare(const Stream& a, const Stream& b) {
    return static_cast<double>(a.successes + b.successes) / static_cast<double>(a.trials + b.trials);
}

/// Variance of one share, with one success and one failure added so that a perfect start is not certain.
double shareVariance(const Stream& stream) {
    const double n = static_cast<double>(stream.trials);
    const double share = (static_cast<double>(stream.successes) + 1) / (n + 2);
    return share * (1 - share) / n;
}

/// That of the difference; the pooled one where it is larger, which keeps the level while a side has few events.
double differenceVariance(const Stream& canary, const Stream& stable) {
    const double share = pooledShare(canary, stable);
    const double pooled = share * (1 - share) *
                          (1 / static_cast<double>(canary.trials) + 1 / static_cast<double>(stable.trials));
    return std::max(shareVariance(canary) + shareVariance(stable), pooled);
}

double radius(double variance, const SequentialOptions& options) {
    // Robbins' boundary is tightest at V = rho (L + ln(1 + L)), L = -2 ln alpha, where its radius is about rho^-1/2.
    const double time = 1 / variance, rho = 1 / (options.planned * options.planned);
    return std::sqrt((time + rho) * std::log((time + rho) / (rho * options.alpha * options.alpha))) * variance;
}

/// Trials that each side needs, by the share of successes over both.
double neededTrials(double pooled) {
    return std::max(static_cast<double>(kSequentialTrials), kSequentialEvents / std::min(pooled, 1 - pooled));
}

} // namespace

std::optional<SequentialDifference> compareAnytime(const Stream& canary, const Stream& stable,
                                                   const SequentialOptions& options) {
    const std::uint64_t fewer = std::min(canary.trials, stable.trials);
    if (fewer == 0 || !(static_cast<double>(fewer) >= neededTrials(pooledShare(canary, stable))))
        return std::nullopt;
    SequentialDifference difference;
    difference.value = static_cast<double>(canary.successes) / static_cast<double>(canary.trials) -
                       static_cast<double>(stable.successes) / static_cast<double>(stable.trials);
    const double half = radius(differenceVariance(canary, stable), options);
    difference.interval = {std::max(-1.0, difference.value - half), std::min(1.0, difference.value + half)};
    return difference;
}

SequentialVerdict verdictOf(const SequentialDifference& difference, double margin) {
    if (difference.interval.low > 0)
        return SequentialVerdict::Better;
    if (difference.interval.high < -margin)
        return SequentialVerdict::Worse;
    return difference.interval.low > -margin ? SequentialVerdict::NotWorse : SequentialVerdict::Undecided;
}

std::optional<double> secondsToDecide(const SequentialPlan& plan, const SequentialOptions& options) {
    const double difference = plan.canaryShare - plan.stableShare;
    // The distance to the nearer boundary that can be crossed.
    const double distance = std::max(std::abs(difference + plan.margin), difference > 0 ? difference : 0);
    const bool sensible = plan.weight > 0 && plan.weight < 1 && plan.trialsPerSecond > 0;
    if (!sensible || !(distance > 0))
        return std::nullopt;
    const double perTrial = plan.canaryShare * (1 - plan.canaryShare) / plan.weight +
                            plan.stableShare * (1 - plan.stableShare) / (1 - plan.weight);
    const double pooled = plan.weight * plan.canaryShare + (1 - plan.weight) * plan.stableShare;
    if (!(pooled > 0 && pooled < 1))
        return std::nullopt;
    double low = neededTrials(pooled) / std::min(plan.weight, 1 - plan.weight);
    const auto decided = [&](double trials) { return perTrial <= 0 || radius(perTrial / trials, options) <= distance; };
    double high = low;
    while (!decided(high))
        high *= 2;
    for (int step = 0; step < 60 && high - low > 0.5; ++step) {
        const double middle = (low + high) / 2;
        (decided(middle) ? high : low) = middle;
    }
    return high / plan.trialsPerSecond;
}

} // namespace perch::stats
