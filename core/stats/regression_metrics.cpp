#include "core/stats/regression_metrics.h"

#include <cmath>
#include <numeric>

namespace perch::stats {

std::optional<RegressionMetrics> regressionMetrics(std::span<const float> predicted, std::span<const double> truth) {
    if (truth.empty())
        return std::nullopt;
    const auto rows = static_cast<double>(truth.size());
    const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / rows;
    double absolute = 0, squared = 0, variation = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double error = static_cast<double>(predicted[i]) - truth[i];
        absolute += std::abs(error);
        squared += error * error;
        variation += (truth[i] - mean) * (truth[i] - mean);
    }
    RegressionMetrics metrics{.mae = absolute / rows, .rmse = std::sqrt(squared / rows)};
    if (variation > 0)
        metrics.r2 = 1 - squared / variation;
    return metrics;
}

} // namespace perch::stats
