#pragma once

#include "core/stats/sorted_sample.h"

#include <cstdint>
#include <optional>
#include <span>

/// Distances and tests between two samples of a number, and between two count vectors. Pure. Empty without values on a
/// side.
namespace perch::stats {

struct TestResult {
    double statistic = 0;
    double p = 1;
};

/// Two-sided Kolmogorov-Smirnov. The p is exact up to 10,000 values on the larger side (paths on a lattice: Hodges
/// 1958); beyond that that of one sample of mn/(m+n) values, rounded, as SciPy has it.
std::optional<TestResult> kolmogorovSmirnov(const SortedSample& reference, const SortedSample& current);

/// The largest gap between the two distribution functions alone, 0 to 1.
std::optional<double> kolmogorovSmirnovDistance(const SortedSample& reference, const SortedSample& current);

/// First Wasserstein distance: the area between the two distribution functions.
std::optional<double> wasserstein(const SortedSample& reference, const SortedSample& current);

/// Wasserstein divided by the standard deviation (of the population) of the reference, at least 0.001.
std::optional<double> normedWasserstein(const SortedSample& reference, const SortedSample& current);

/// Whether `current` comes from the shares of `reference` (goodness of fit). A bin that only `current` holds gives an
/// infinite statistic and p 0. Empty if the sizes differ or a side is empty.
std::optional<TestResult> chiSquare(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current);

/// Whether both sides have the same shares: Pearson's statistic of the 2 x B table without a continuity correction. Bins
/// that are empty on both sides do not count. Empty if the sizes differ or a side is empty.
std::optional<TestResult> chiSquareHomogeneity(std::span<const std::uint64_t> reference,
                                               std::span<const std::uint64_t> current);

/// Two-sided z test that two shares are equal, pooled. Empty without trials on a side.
std::optional<TestResult> twoShares(std::uint64_t successesA, std::uint64_t trialsA, std::uint64_t successesB,
                                    std::uint64_t trialsB);

} // namespace perch::stats
