#pragma once

#include "core/stats/intervals.h"

#include <cstdint>
#include <optional>

/// Comparing two streams of yes and no (right answers, requests that succeeded) while looking as often as one likes.
///
/// An asymptotic confidence sequence for the difference of two shares (Robbins' normal mixture; Waudby-Smith, Arbour,
/// Sinha, Kennedy and Ramdas 2021): with v = p(1-p)/n + q(1-q)/m and V = 1/v, the difference stays, at all times at
/// once and with probability 1 - alpha, within sqrt((V + rho) ln((V + rho) / (rho alpha^2))) / V of its estimate. The
/// estimate over v is a Brownian motion in V however the traffic is split over time, since Cov(d_s, d_t) = v_t for s <
/// t; so the weight may change between looks, and labels may come late and out of order as long as their delay does not
/// depend on the answer being right.
///
/// The normal limit needs events. While there are few (a service that hardly fails), each share has an exact confidence
/// sequence instead, from the Beta(1/2, 1/2) mixture of Bernoulli likelihood ratios (Robbins 1970): a share p is left
/// out when B(k + 1/2, n - k + 1/2) / B(1/2, 1/2) / (p^k (1-p)^(n-k)) reaches 2/alpha, and the difference lies between
/// the ends of both. By Ville's inequality it holds for any n; half of alpha for each share makes it wider than it had
/// to be, so that changing over to the mixture costs nothing that shows. All measured by tests/bench/bench_sequential.
namespace perch::stats {

/// What one side has shown so far.
struct Stream {
    std::uint64_t trials = 0;
    std::uint64_t successes = 0;
};

struct SequentialOptions {
    double alpha = 0.05; ///< of a false alarm ever, two-sided, in (0, 1)
    /// The difference for which the sequence is tightest when it is just decided, in (0, 1). Any value is valid.
    double planned = 0.02;
};

/// Where the true difference (canary less stable, -1 to 1) lies, valid at every look.
struct SequentialDifference {
    double value = 0;
    Interval interval;
};

enum class SequentialVerdict { Better, Worse, NotWorse, Undecided };

/// Trials on each side below which nothing is said, and how many successes and failures the smaller side should have
/// had by the shares of both together for the normal limit.
inline constexpr std::uint64_t kSequentialTrials = 100;
inline constexpr double kSequentialEvents = 5;

/// Empty while there are too few trials.
std::optional<SequentialDifference> compareAnytime(const Stream& canary, const Stream& stable,
                                                   const SequentialOptions& options = {});

/// Better: wholly above 0. Worse: wholly below -margin. NotWorse: wholly above -margin. `margin` >= 0.
SequentialVerdict verdictOf(const SequentialDifference& difference, double margin = 0);

/// What to expect of the streams: after what was `seen`, `weight` in (0, 1) of `trialsPerSecond` (with a label, if
/// labels decide) go to the canary, and these are the shares of successes.
struct SequentialPlan {
    double weight = 0.1;
    double trialsPerSecond = 1;
    double stableShare = 0.9;
    double canaryShare = 0.9;
    double margin = 0;
    Stream canarySeen = {};
    Stream stableSeen = {};
};

/// Seconds until the interval of a typical course leaves 0 (or -margin), 0 if it has; empty if it does not within
/// kNeverSeconds, as when both shares and the margin leave nothing to decide. Labels that come d seconds late add d.
inline constexpr double kNeverSeconds = 10.0 * 365 * 24 * 3600;
std::optional<double> secondsToDecide(const SequentialPlan& plan, const SequentialOptions& options = {});

} // namespace perch::stats
