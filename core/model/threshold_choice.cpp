#include "core/model/threshold_choice.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace perch::model {

double cheapestThreshold(std::span<const float> scores, std::span<const std::uint8_t> labels, double falseNegativeCost,
                         double falsePositiveCost) {
    std::vector<std::uint32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] < scores[b]; });
    const double calibrated = falsePositiveCost / (falsePositiveCost + falseNegativeCost);
    // At threshold 0 every row is answered positive; then, from the lowest score on, rows become negative.
    double cost = falsePositiveCost * static_cast<double>(std::count(labels.begin(), labels.end(), std::uint8_t{0}));
    double best = 0, bestCost = cost;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double score = scores[order[i]];
        cost += labels[order[i]] == 1 ? falseNegativeCost : -falsePositiveCost;
        const double next = i + 1 < order.size() ? static_cast<double>(scores[order[i + 1]]) : 1.0;
        if (next == score && i + 1 < order.size())
            continue;
        const double threshold = (score + next) / 2;
        const bool nearer = std::abs(threshold - calibrated) < std::abs(best - calibrated);
        if (cost < bestCost - 1e-9 || (cost < bestCost + 1e-9 && nearer)) {
            best = threshold;
            bestCost = cost;
        }
    }
    return best;
}

} // namespace perch::model
