#pragma once

#include "core/stats/row_bootstrap.h"

#include <span>

/// Errors of predicted numbers. Spans have the same length and finite numbers. Pure.
namespace perch::stats {

enum class RegressionMetric : std::uint8_t {
    Mae,             ///< mean absolute error
    Rmse,            ///< root of the mean squared error
    R2,              ///< share of the variance that is explained, at most 1; empty if the truth does not vary
    WithinTolerance, ///< share of rows whose error is at most the tolerance
};
inline constexpr std::size_t kRegressionMetrics = 4;

/// How far off a prediction may be.
struct Tolerance {
    double value = 0.1;
    bool relative = true; ///< a share of the truth's absolute value, else in its unit

    double of(double truth) const;
};

/// In the order above; all empty without rows.
MetricList regressionMetrics(std::span<const float> predicted, std::span<const double> truth,
                             const Tolerance& tolerance = {});

/// With what a bootstrap needs: at most 20,000 rows.
SampledMetrics sampledRegressionMetrics(std::span<const float> predicted, std::span<const double> truth,
                                        const Tolerance& tolerance, std::uint64_t seed);

} // namespace perch::stats
