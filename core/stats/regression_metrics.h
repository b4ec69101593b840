#pragma once

#include <optional>
#include <span>

/// Errors of predicted numbers. Spans have the same length and finite numbers. Empty without rows. Pure.
namespace perch::stats {

struct RegressionMetrics {
    double mae = 0;           ///< mean absolute error
    double rmse = 0;          ///< root of the mean squared error
    std::optional<double> r2; ///< share of the variance that is explained; empty if the truth does not vary
};

std::optional<RegressionMetrics> regressionMetrics(std::span<const float> predicted, std::span<const double> truth);

} // namespace perch::stats
