#pragma once

#include "core/stats/binary_bootstrap.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

/// 95 % intervals of any metrics by the Poisson bootstrap over rows: each resample gives each row a weight of mean 1.
/// Time is bounded: of more rows than the limit, so many are drawn by the seed, and the deviations of their resamples
/// are scaled by the root of (drawn / all), which is how the error of a mean shrinks. Deterministic for a seed.
namespace perch::stats {

/// One value per metric of a task; empty where it is undefined.
using MetricList = std::vector<std::optional<double>>;

/// Metrics of one model on fixed rows, for any weights of the rows. Immutable; `at` is safe from several threads.
class RowMetrics {
public:
    virtual ~RowMetrics() = default;
    virtual std::size_t rows() const = 0;
    /// `weights` has `rows()` numbers.
    virtual MetricList at(std::span<const std::uint32_t> weights) const = 0;
};

/// Metrics on all rows, and on the rows that are resampled.
struct SampledMetrics {
    MetricList values;
    std::unique_ptr<const RowMetrics> sample;
    std::uint64_t rows = 0;                 ///< all
    std::vector<std::size_t> centered = {}; ///< metrics whose resamples are biased: they are centered on their mean
};

/// `limit` of `rows` numbers from 0 on, ascending, drawn without repetition by the seed; all if there are not more.
std::vector<std::uint32_t> drawnRows(std::size_t rows, std::size_t limit, std::uint64_t seed);

/// Percentile intervals in the order of the metrics; empty for one that is undefined, or in more than half of the
/// resamples. Cancelled when asked to stop.
Result<std::vector<std::optional<Interval>>> rowIntervals(const SampledMetrics& metrics,
                                                          const BootstrapOptions& options, std::stop_token stop);

/// Candidate less baseline with the same weights for both, which hold the same rows in the same order.
Result<std::vector<std::optional<PairedDifference>>> rowDifferences(const SampledMetrics& candidate,
                                                                    const SampledMetrics& baseline,
                                                                    const BootstrapOptions& options,
                                                                    std::stop_token stop);

} // namespace perch::stats
