#pragma once

#include "core/stats/intervals.h"

#include <cstdint>
#include <optional>
#include <span>

/// Distances between two distributions over the same bins, from counts. Counts of replicas and windows add up first,
/// so that the distance over any of them is exact (decision 3 of ARCHITECTURE.md). Empty without rows on a side, or
/// if the numbers of bins differ.
namespace perch::stats {

/// The share that an empty bin counts as.
inline constexpr double kEmptyBinShare = 0.0001;

/// Rows below which a drift verdict is undecided.
inline constexpr std::uint64_t kMinimumDriftRows = 1'000;

/// What chance alone adds to the PSI of two samples of one distribution: (B - 1)(1/n + 1/m).
double psiBias(std::size_t bins, std::uint64_t referenceRows, std::uint64_t currentRows);

/// Population stability index, sum of (p - q) ln(p / q), without the correction.
std::optional<double> psiUncorrected(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current);

/// PSI less its bias, not below 0. B counts all bins, empty ones too, so that a recording rule can count them.
std::optional<double> psi(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current);

/// 95 % interval of the corrected PSI, not below 0: its value and twice a standard error of two parts, the delta method
/// over both multinomials (which vanishes where the shares agree) and the spread of (1/n + 1/m) chi-square_{B-1} there
/// (Yurdakul and Naranjo 2020).
std::optional<Interval> psiInterval(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current);

/// Jensen-Shannon distance: root of the divergence in natural logarithms, 0 to sqrt(ln 2) = 0.8326.
std::optional<double> jensenShannonDistance(std::span<const std::uint64_t> reference,
                                            std::span<const std::uint64_t> current);

} // namespace perch::stats
