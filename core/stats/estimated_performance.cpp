#include "core/stats/estimated_performance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

/// Sums over the rows on one side of the threshold.
struct Side {
    double rows = 0, positives = 0, variance = 0; ///< expected positives, and the variance of their number
};

struct Sides {
    Side above, below;
};

Sides sidesOf(std::span<const double> probabilities, std::span<const float> scores, double threshold) {
    Sides sides;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        const double p = probabilities[i];
        Side& side = static_cast<double>(scores[i]) >= threshold ? sides.above : sides.below;
        side.rows += 1;
        side.positives += p;
        side.variance += p * (1 - p);
    }
    return sides;
}

/// A share with the spread of the labels that are not known yet; each side's number of positives varies by itself.
EstimatedMetric metric(double value, double byAbove, double byBelow, const Sides& sides) {
    const double half =
        kNormal95 * std::sqrt(byAbove * byAbove * sides.above.variance + byBelow * byBelow * sides.below.variance);
    return {value, Interval{std::max(0.0, value - half), std::min(1.0, value + half)}};
}

std::optional<EstimatedMetric> areaUnderCurve(std::span<const double> probabilities, std::span<const float> scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double negativesBelow = 0, positives = 0, wins = 0;
    for (std::size_t i = 0; i < order.size();) {
        const float score = scores[order[i]];
        double tiedPositives = 0, tiedNegatives = 0;
        for (; i < order.size() && scores[order[i]] == score; ++i) {
            tiedPositives += probabilities[order[i]];
            tiedNegatives += 1 - probabilities[order[i]];
        }
        wins += tiedPositives * (negativesBelow + tiedNegatives / 2);
        negativesBelow += tiedNegatives;
        positives += tiedPositives;
    }
    if (!(positives > 0 && negativesBelow > 0))
        return std::nullopt;
    return EstimatedMetric{wins / (positives * negativesBelow)};
}

} // namespace

std::optional<EstimatedPerformance> estimatePerformance(std::span<const double> probabilities,
                                                        std::span<const float> scores, double threshold) {
    if (probabilities.empty() || probabilities.size() != scores.size())
        return std::nullopt;
    const Sides sides = sidesOf(probabilities, scores, threshold);
    const auto& [above, below] = sides;
    EstimatedPerformance estimate;
    const double tp = estimate.truePositives = above.positives;
    const double fp = estimate.falsePositives = above.rows - above.positives;
    const double fn = estimate.falseNegatives = below.positives;
    const double tn = estimate.trueNegatives = below.rows - below.positives;
    const double rows = above.rows + below.rows;
    auto& [accuracy, precision, recall, f1, area] = estimate.metrics;
    accuracy = metric((tp + tn) / rows, 1 / rows, -1 / rows, sides);
    if (above.rows > 0)
        precision = metric(tp / above.rows, 1 / above.rows, 0, sides);
    if (const double positives = tp + fn; positives > 0)
        recall = metric(tp / positives, fn / (positives * positives), -tp / (positives * positives), sides);
    // F1 = 2 tp / (rows above + positives).
    if (const double sum = 2 * tp + fp + fn; sum > 0)
        f1 = metric(2 * tp / sum, 2 * (above.rows + fn) / (sum * sum), -2 * tp / (sum * sum), sides);
    area = areaUnderCurve(probabilities, scores);
    return estimate;
}

} // namespace perch::stats
