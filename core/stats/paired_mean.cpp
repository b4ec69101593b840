#include "core/stats/paired_mean.h"

#include <cmath>

namespace perch::stats {

std::optional<PairedMean> pairedMean(std::span<const double> candidate, std::span<const double> baseline) {
    if (candidate.size() < 2)
        return std::nullopt;
    const auto count = static_cast<double>(candidate.size());
    double sum = 0, squared = 0;
    for (std::size_t i = 0; i < candidate.size(); ++i)
        sum += candidate[i] - baseline[i];
    const double mean = sum / count;
    for (std::size_t i = 0; i < candidate.size(); ++i) {
        const double deviation = candidate[i] - baseline[i] - mean;
        squared += deviation * deviation;
    }
    const double error = std::sqrt(squared / (count - 1) / count);
    const double p = error > 0 ? normalTwoSided(mean / error) : mean == 0 ? 1 : 0;
    return PairedMean{mean, {mean - kNormal95 * error, mean + kNormal95 * error}, p};
}

} // namespace perch::stats
