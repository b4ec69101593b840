#include "core/stats/sequential.h"

#include "core/stats/gamma.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace perch::stats {

namespace {

/// A stream with counts that need not be whole: what is to come is an expectation.
struct Course {
    double trials = 0;
    double successes = 0;
    double share() const { return successes / trials; }
};

Course courseOf(const Stream& stream) {
    return {static_cast<double>(stream.trials), static_cast<double>(stream.successes)};
}

double pooledShare(const Course& a, const Course& b) {
    return (a.successes + b.successes) / (a.trials + b.trials);
}

/// Variance of one share, with one success and one failure added so that a perfect start is not certain.
double shareVariance(const Course& course) {
    const double share = (course.successes + 1) / (course.trials + 2);
    return share * (1 - share) / course.trials;
}

/// That of the difference; the pooled one where it is larger, which keeps the level while a side has few events.
double differenceVariance(const Course& canary, const Course& stable) {
    const double share = pooledShare(canary, stable);
    const double pooled = share * (1 - share) * (1 / canary.trials + 1 / stable.trials);
    return std::max(shareVariance(canary) + shareVariance(stable), pooled);
}

double radius(double variance, const SequentialOptions& options) {
    // Robbins' boundary is tightest at V = rho (L + ln(1 + L)), L = -2 ln alpha, where its radius is about rho^-1/2.
    const double time = 1 / variance, rho = 1 / (options.planned * options.planned);
    return std::sqrt((time + rho) * std::log((time + rho) / (rho * options.alpha * options.alpha))) * variance;
}

bool enoughEvents(const Course& canary, const Course& stable) {
    const double pooled = pooledShare(canary, stable);
    return std::min(canary.trials, stable.trials) * std::min(pooled, 1 - pooled) >= kSequentialEvents;
}

/// Exact bounds of one share at all times at once, outside with probability `alpha` ever.
Interval exactShare(const Course& course, double alpha) {
    const double k = course.successes, failures = course.trials - course.successes;
    // B(1/2, 1/2) is pi.
    const double mixture =
        logGamma(k + 0.5) + logGamma(failures + 0.5) - logGamma(course.trials + 1) - std::log(std::numbers::pi);
    const double limit = -std::log(alpha);
    const auto outside = [&](double p) {
        const double likelihood = (k > 0 ? k * std::log(p) : 0) + (failures > 0 ? failures * std::log1p(-p) : 0);
        return mixture - likelihood >= limit;
    };
    // The likelihood is unimodal with its top at the share itself, so each side has one end.
    const auto end = [&](double out) {
        double in = course.share();
        if (in == out)
            return out;
        for (int step = 0; step < 40; ++step) {
            const double middle = (in + out) / 2;
            (outside(middle) ? out : in) = middle;
        }
        return out;
    };
    return {end(0), end(1)};
}

std::optional<SequentialDifference> compareCourses(const Course& canary, const Course& stable,
                                                   const SequentialOptions& options) {
    if (std::min(canary.trials, stable.trials) < static_cast<double>(kSequentialTrials))
        return std::nullopt;
    SequentialDifference difference;
    difference.value = canary.share() - stable.share();
    if (enoughEvents(canary, stable)) {
        const double half = radius(differenceVariance(canary, stable), options);
        difference.interval = {difference.value - half, difference.value + half};
    } else {
        const Interval one = exactShare(canary, options.alpha / 2), other = exactShare(stable, options.alpha / 2);
        difference.interval = {one.low - other.high, one.high - other.low};
    }
    difference.interval = {std::max(-1.0, difference.interval.low), std::min(1.0, difference.interval.high)};
    return difference;
}

} // namespace

std::optional<SequentialDifference> compareAnytime(const Stream& canary, const Stream& stable,
                                                   const SequentialOptions& options) {
    return compareCourses(courseOf(canary), courseOf(stable), options);
}

SequentialVerdict verdictOf(const SequentialDifference& difference, double margin) {
    if (difference.interval.low > 0)
        return SequentialVerdict::Better;
    if (difference.interval.high < -margin)
        return SequentialVerdict::Worse;
    return difference.interval.low > -margin ? SequentialVerdict::NotWorse : SequentialVerdict::Undecided;
}

std::optional<double> secondsToDecide(const SequentialPlan& plan, const SequentialOptions& options) {
    const auto share = [](double value) { return value >= 0 && value <= 1; };
    if (!(plan.weight > 0 && plan.weight < 1 && plan.trialsPerSecond > 0) || !share(plan.canaryShare) ||
        !share(plan.stableShare))
        return std::nullopt;
    const auto after = [&](const Stream& seen, double weight, double successShare, double seconds) {
        const double trials = weight * plan.trialsPerSecond * seconds;
        const Course begun = courseOf(seen);
        return Course{begun.trials + trials, begun.successes + trials * successShare};
    };
    const auto decided = [&](double seconds) {
        const auto difference =
            compareCourses(after(plan.canarySeen, plan.weight, plan.canaryShare, seconds),
                           after(plan.stableSeen, 1 - plan.weight, plan.stableShare, seconds), options);
        return difference && verdictOf(*difference, plan.margin) != SequentialVerdict::Undecided;
    };
    if (decided(0))
        return 0;
    double high = 1 / plan.trialsPerSecond;
    while (!decided(high)) {
        high *= 2;
        if (high > kNeverSeconds)
            return std::nullopt;
    }
    double low = high / 2;
    for (int step = 0; step < 40 && (high - low) * plan.trialsPerSecond > 0.5; ++step) {
        const double middle = (low + high) / 2;
        (decided(middle) ? high : low) = middle;
    }
    return high;
}

} // namespace perch::stats
