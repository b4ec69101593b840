#include "core/stats/row_bootstrap.h"

#include "core/stats/percentile_interval.h"
#include "core/stats/resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::stats {

namespace {

using RowSamples = std::vector<std::vector<double>>;

MetricList unweighted(const RowMetrics& metrics) {
    return metrics.at(std::vector<std::uint32_t>(metrics.rows(), 1));
}

double scaleOf(const SampledMetrics& metrics) {
    return std::sqrt(static_cast<double>(metrics.sample->rows()) /
                     static_cast<double>(std::max<std::uint64_t>(1, metrics.rows)));
}

/// Runs `metricsAt(weights)` for each resample and gathers what is defined.
template <typename MetricsAt>
Result<RowSamples> resample(std::size_t rows, std::size_t metrics, const BootstrapOptions& options,
                            const std::stop_token& stop, const MetricsAt& metricsAt) {
    RowSamples samples(metrics);
    std::vector<std::uint32_t> weights(rows);
    PoissonSource random(options.seed);
    for (std::uint32_t round = 0; round < options.resamples; ++round) {
        if (stop.stop_requested())
            return resamplingStopped();
        for (std::uint32_t& weight : weights)
            weight = static_cast<std::uint32_t>(random.draw(1));
        const MetricList values = metricsAt(weights);
        for (std::size_t m = 0; m < metrics; ++m) {
            if (values[m])
                samples[m].push_back(*values[m]);
        }
    }
    return samples;
}

bool isIn(const std::vector<std::size_t>& list, std::size_t metric) {
    return std::ranges::find(list, metric) != list.end();
}

} // namespace

std::vector<std::uint32_t> drawnRows(std::size_t rows, std::size_t limit, std::uint64_t seed) {
    std::vector<std::uint32_t> all(rows);
    std::iota(all.begin(), all.end(), 0U);
    if (rows <= limit)
        return all;
    // The first steps of a Fisher-Yates shuffle; the standard's distributions differ between libraries.
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < limit; ++i)
        std::swap(all[i], all[i + random() % (rows - i)]);
    all.resize(limit);
    std::ranges::sort(all);
    return all;
}

Result<std::vector<std::optional<Interval>>> rowIntervals(const SampledMetrics& metrics,
                                                          const BootstrapOptions& options, std::stop_token stop) {
    const std::size_t count = metrics.values.size();
    RowSamples samples = TRY(resample(metrics.sample->rows(), count, options, stop,
                                      [&](const auto& weights) { return metrics.sample->at(weights); }));
    const MetricList point = unweighted(*metrics.sample);
    std::vector<std::optional<Interval>> intervals(count);
    for (std::size_t m = 0; m < count; ++m) {
        if (!metrics.values[m] || !point[m] || samples[m].size() * 2 <= options.resamples)
            continue;
        const double center = isIn(metrics.centered, m) ? meanOf(samples[m]) : *point[m];
        Resamples resamples{
            .values = std::move(samples[m]), .value = *metrics.values[m], .center = center, .scale = scaleOf(metrics)};
        intervals[m] = percentiles(resamples);
    }
    return intervals;
}

Result<std::vector<std::optional<PairedDifference>>> rowDifferences(const SampledMetrics& candidate,
                                                                    const SampledMetrics& baseline,
                                                                    const BootstrapOptions& options,
                                                                    std::stop_token stop) {
    const std::size_t count = candidate.values.size();
    const auto difference = [&](const MetricList& a, const MetricList& b) {
        MetricList values(count);
        for (std::size_t m = 0; m < count; ++m) {
            if (a[m] && b[m])
                values[m] = *a[m] - *b[m];
        }
        return values;
    };
    RowSamples samples = TRY(resample(candidate.sample->rows(), count, options, stop, [&](const auto& weights) {
        return difference(candidate.sample->at(weights), baseline.sample->at(weights));
    }));
    const MetricList value = difference(candidate.values, baseline.values);
    const MetricList point = difference(unweighted(*candidate.sample), unweighted(*baseline.sample));
    std::vector<std::optional<PairedDifference>> differences(count);
    for (std::size_t m = 0; m < count; ++m) {
        if (!value[m] || !point[m] || samples[m].size() * 2 <= options.resamples)
            continue;
        Resamples resamples{
            .values = std::move(samples[m]), .value = *value[m], .center = *point[m], .scale = scaleOf(candidate)};
        const double p = signP(resamples);
        differences[m] = PairedDifference{.value = *value[m], .interval = percentiles(resamples), .p = p};
    }
    return differences;
}

} // namespace perch::stats
