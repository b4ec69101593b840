#include "core/stats/regression_metrics.h"

#include <cmath>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::size_t kSampledErrors = 20'000;

class RegressionRows final : public RowMetrics {
public:
    RegressionRows(std::span<const float> predicted, std::span<const double> truth, const Tolerance& tolerance) {
        const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / static_cast<double>(truth.size());
        for (std::size_t i = 0; i < truth.size(); ++i) {
            const double error = std::abs(static_cast<double>(predicted[i]) - truth[i]);
            m_errors.push_back(error);
            m_within.push_back(error <= tolerance.of(truth[i]) ? 1 : 0);
            m_deviations.push_back(truth[i] - mean);
        }
    }

    std::size_t rows() const override { return m_errors.size(); }

    MetricList at(std::span<const std::uint32_t> weights) const override {
        double all = 0, absolute = 0, squared = 0, within = 0, sum = 0, variation = 0;
        for (std::size_t i = 0; i < m_errors.size(); ++i) {
            const double w = weights[i];
            all += w;
            absolute += w * m_errors[i];
            squared += w * m_errors[i] * m_errors[i];
            within += w * m_within[i];
            sum += w * m_deviations[i];
            variation += w * m_deviations[i] * m_deviations[i];
        }
        MetricList values(kRegressionMetrics);
        if (all <= 0)
            return values;
        variation -= sum * sum / all;
        values[static_cast<std::size_t>(RegressionMetric::Mae)] = absolute / all;
        values[static_cast<std::size_t>(RegressionMetric::Rmse)] = std::sqrt(squared / all);
        if (variation > 0)
            values[static_cast<std::size_t>(RegressionMetric::R2)] = 1 - squared / variation;
        values[static_cast<std::size_t>(RegressionMetric::WithinTolerance)] = within / all;
        return values;
    }

private:
    std::vector<double> m_errors, m_within;
    std::vector<double> m_deviations; ///< of the truth from its mean, so that squares do not cancel
};

} // namespace

double Tolerance::of(double truth) const {
    return relative ? value * std::abs(truth) : value;
}

MetricList regressionMetrics(std::span<const float> predicted, std::span<const double> truth,
                             const Tolerance& tolerance) {
    return RegressionRows(predicted, truth, tolerance).at(std::vector<std::uint32_t>(truth.size(), 1));
}

SampledMetrics sampledRegressionMetrics(std::span<const float> predicted, std::span<const double> truth,
                                        const Tolerance& tolerance, std::uint64_t seed) {
    std::vector<float> drawn;
    std::vector<double> drawnTruth;
    for (const std::uint32_t row : drawnRows(truth.size(), kSampledErrors, seed)) {
        drawn.push_back(predicted[row]);
        drawnTruth.push_back(truth[row]);
    }
    return {.values = regressionMetrics(predicted, truth, tolerance),
            .sample = std::make_unique<RegressionRows>(drawn, drawnTruth, tolerance),
            .rows = truth.size()};
}

} // namespace perch::stats
