#pragma once

#include <cstdint>

namespace perch::stats {

/// P(D >= d) of the two-sided Kolmogorov-Smirnov distance of one sample of `n` values. To 1e-7 up to n = 2,000: the
/// matrix of Durbin by Marsaglia, Tsang and Wang (2003) in the middle, twice the one-sided probability in the tail
/// (Miller 1956; the two choices of Simard and L'Ecuyer 2011). Beyond that Kolmogorov's limit with the correction of
/// Stephens (1970), to about 1e-3.
double kolmogorovUpperTail(std::uint64_t n, double d);

} // namespace perch::stats
