#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace perch::stats {

/// Number of equal-width bins of the calibration error and of the calibration curve.
inline constexpr std::size_t kCalibrationBins = 10;

/// Which calibration bin a score between 0 and 1 falls into; 1 belongs to the last.
std::size_t calibrationBin(double score);

/// Distinct scores in ascending order with everything that depends on the score alone, so that metrics can be
/// computed again and again for other row counts (resampling) without touching a row. Immutable.
struct ScoreAxis {
    std::vector<double> scores;
    std::vector<double> lossIfPositive; ///< -log(score), the score clipped to [2^-52, 1 - 2^-52]
    std::vector<double> lossIfNegative;
    std::vector<std::uint8_t> bins; ///< calibration bin

    explicit ScoreAxis(std::vector<double> ascendingScores);
    std::size_t size() const { return scores.size(); }
};

/// Metrics that need no threshold. Each is empty where it is undefined: no rows, or only one class for the
/// two areas.
struct RankingMetrics {
    std::optional<double> rocAuc;           ///< ties count half (midranks)
    std::optional<double> averagePrecision; ///< area under precision-recall as a step function
    std::optional<double> logLoss;
    std::optional<double> brier;
    std::optional<double> calibrationError; ///< expected calibration error over 10 equal-width bins
};

/// All of them in one pass. `negatives` and `positives` count the rows at each score of the axis.
RankingMetrics rankingMetrics(const ScoreAxis& axis, std::span<const std::uint64_t> negatives,
                              std::span<const std::uint64_t> positives);

} // namespace perch::stats
