#include "core/stats/score_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace perch::stats {

std::size_t calibrationBin(double score) {
    const double position = std::floor(score * static_cast<double>(kCalibrationBins));
    return static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(kCalibrationBins - 1)));
}

ScoreAxis::ScoreAxis(std::vector<double> ascendingScores) : scores(std::move(ascendingScores)) {
    constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
    lossIfPositive.reserve(scores.size());
    lossIfNegative.reserve(scores.size());
    bins.reserve(scores.size());
    for (const double score : scores) {
        const double clipped = std::clamp(score, kEpsilon, 1.0 - kEpsilon);
        lossIfPositive.push_back(-std::log(clipped));
        lossIfNegative.push_back(-std::log1p(-clipped));
        bins.push_back(static_cast<std::uint8_t>(calibrationBin(score)));
    }
}

namespace {

struct BinSums {
    double positives = 0, scores = 0;
};

double calibrationErrorOf(const std::array<BinSums, kCalibrationBins>& bins, double rows) {
    double error = 0;
    for (const BinSums& bin : bins)
        error += std::abs(bin.scores - bin.positives) / rows;
    return error;
}

} // namespace

RankingMetrics rankingMetrics(const ScoreAxis& axis, std::span<const std::uint64_t> negatives,
                              std::span<const std::uint64_t> positives) {
    double loss = 0, brier = 0, positivesAbove = 0, negativesAbove = 0, area = 0, averagePrecision = 0;
    std::array<BinSums, kCalibrationBins> bins{};
    // From the highest score down: what is above a score is what a threshold there would call positive.
    for (std::size_t i = axis.size(); i-- > 0;) {
        if (negatives[i] == 0 && positives[i] == 0)
            continue;
        const double n = static_cast<double>(negatives[i]);
        const double p = static_cast<double>(positives[i]);
        const double score = axis.scores[i];
        loss += p * axis.lossIfPositive[i] + n * axis.lossIfNegative[i];
        brier += p * (1 - score) * (1 - score) + n * score * score;
        area += n * (positivesAbove + p / 2);
        positivesAbove += p;
        negativesAbove += n;
        averagePrecision += p * positivesAbove / (positivesAbove + negativesAbove);
        BinSums& bin = bins[axis.bins[i]];
        bin.positives += p;
        bin.scores += (n + p) * score;
    }
    RankingMetrics metrics;
    const double rows = positivesAbove + negativesAbove;
    if (rows <= 0)
        return metrics;
    metrics.logLoss = loss / rows;
    metrics.brier = brier / rows;
    metrics.calibrationError = calibrationErrorOf(bins, rows);
    if (positivesAbove > 0 && negativesAbove > 0) {
        metrics.rocAuc = area / (positivesAbove * negativesAbove);
        metrics.averagePrecision = averagePrecision / positivesAbove;
    }
    return metrics;
}

} // namespace perch::stats
