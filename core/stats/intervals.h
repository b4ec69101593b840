#pragma once

#include <cstdint>
#include <optional>

namespace perch::stats {

/// A two-sided 95 % interval unless said otherwise.
struct Interval {
    double low = 0;
    double high = 0;
};

inline constexpr double kNormal95 = 1.959963984540054;

/// Wilson score interval of a share; never leaves [0, 1] and is sensible for 0 of n. Empty without trials.
std::optional<Interval> wilsonInterval(std::uint64_t successes, std::uint64_t trials, double z = kNormal95);

/// P(Z > z) of the standard normal distribution.
double normalUpperTail(double z);

/// Two-sided p of z under the standard normal distribution.
double normalTwoSided(double z);

/// Two-sided exact binomial p of a fair coin: `a` heads and `b` tails. 1 without tosses.
double fairCoinTwoSided(std::uint64_t a, std::uint64_t b);

} // namespace perch::stats
