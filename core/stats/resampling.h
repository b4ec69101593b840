#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <random>

namespace perch::stats {

/// The error of a bootstrap that was told to stop.
Error resamplingStopped();

/// A seeded source of Poisson counts for the Poisson bootstrap: each row gets a weight of mean 1, so a cell of n rows
/// gets one of mean n. The same seed gives the same numbers on every machine and library. Not thread-safe.
class PoissonSource {
public:
    explicit PoissonSource(std::uint64_t seed) : m_random(seed) {}
    std::uint64_t draw(std::uint64_t mean);

private:
    double uniform(); ///< [0, 1)
    std::uint64_t drawOne();
    std::uint64_t drawSmall(double mean);
    std::uint64_t drawLarge(double mean);

    std::mt19937_64 m_random; ///< its output is fixed by the standard; the standard's distributions are not
};

} // namespace perch::stats
