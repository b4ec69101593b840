#pragma once

#include "core/base/result.h"
#include "core/stats/intervals.h"
#include "core/stats/score_cells.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

/// 95 % intervals of the metrics of a binary classifier by the Poisson bootstrap over score cells: memory and time do
/// not grow with the rows. Deterministic for a seed. Cancelled when asked to stop.
namespace perch::stats {

enum class BinaryMetric : std::uint8_t {
    Accuracy,
    Precision,
    Recall,
    F1,
    RocAuc,
    AveragePrecision,
    LogLoss,
    Brier,
    CalibrationError
};
inline constexpr std::size_t kBinaryMetrics = 9;

template <typename Value>
using PerMetric = std::array<Value, kBinaryMetrics>;

PerMetric<std::optional<double>> binaryMetrics(const ScoreCells& cells, double threshold);

struct BootstrapOptions {
    std::uint32_t resamples = 1'000;
    std::uint64_t seed = 42;
};

/// Percentile intervals; the calibration error, whose resamples are biased upwards, is centered on its value. Empty for
/// a metric that is undefined, or in more than half of the resamples. At most about 4,096 cells are resampled: finer
/// ones are joined, and the interval is moved by what the point moved.
Result<PerMetric<std::optional<Interval>>> bootstrapIntervals(const ScoreCells& cells, double threshold,
                                                              const BootstrapOptions& options, std::stop_token stop);

/// The difference of a metric, candidate less baseline.
struct PairedDifference {
    double value = 0;
    Interval interval;
    double p = 1; ///< two-sided: twice the smaller share of resamples on a side of 0
};

/// Scores of one model on the rows, and its threshold.
struct ScoredRows {
    std::span<const float> scores;
    double threshold = 0.5;
};

/// Both models are resampled with the same row weights. Up to 20,000 rows each row has its own weight; beyond that rows
/// are joined by both models' score (128 cells of equal row counts each) and label.
Result<PerMetric<std::optional<PairedDifference>>>
bootstrapDifferences(const ScoredRows& candidate, const ScoredRows& baseline, std::span<const std::uint8_t> labels,
                     const BootstrapOptions& options, std::stop_token stop);

} // namespace perch::stats
