#pragma once

#include <cstdint>
#include <optional>
#include <span>

/// Distances and tests between two samples of a number, and between two count vectors. Pure; samples need not be
/// sorted and hold finite numbers only. Empty without values on a side.
namespace perch::stats {

struct TestResult {
    double statistic = 0;
    double p = 1;
};

/// Two-sided Kolmogorov-Smirnov. The p is exact up to 10,000 values on the larger side, asymptotic beyond.
std::optional<TestResult> kolmogorovSmirnov(std::span<const double> reference, std::span<const double> current);

/// First Wasserstein distance: the area between the two distribution functions.
std::optional<double> wasserstein(std::span<const double> reference, std::span<const double> current);

/// Wasserstein divided by the standard deviation (of the population) of the reference, at least 0.001.
std::optional<double> normedWasserstein(std::span<const double> reference, std::span<const double> current);

/// Whether `current` comes from the shares of `reference` (goodness of fit). A bin that only `current` holds gives an
/// infinite statistic and p 0. Empty if the sizes differ or a side is empty.
std::optional<TestResult> chiSquare(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current);

/// Two-sided z test that two shares are equal, pooled. Empty without trials on a side.
std::optional<TestResult> twoShares(std::uint64_t successesA, std::uint64_t trialsA, std::uint64_t successesB,
                                    std::uint64_t trialsB);

} // namespace perch::stats
