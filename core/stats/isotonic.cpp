#include "core/stats/isotonic.h"

#include <algorithm>
#include <numeric>

namespace perch::stats {

namespace {

/// Neighbouring scores that share one level.
struct Pool {
    double weight = 0, sum = 0;
    std::size_t end = 0; ///< one past its last score
    double share() const { return sum / weight; }
};

} // namespace

std::optional<IsotonicCalibration> IsotonicCalibration::fit(std::span<const float> scores,
                                                            std::span<const std::uint8_t> labels) {
    if (scores.empty() || scores.size() != labels.size())
        return std::nullopt;
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    IsotonicCalibration calibration;
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < order.size();) {
        const float score = scores[order[i]];
        Pool pool;
        for (; i < order.size() && scores[order[i]] == score; ++i) {
            pool.weight += 1;
            pool.sum += labels[order[i]];
        }
        calibration.m_scores.push_back(static_cast<double>(score));
        pool.end = calibration.m_scores.size();
        while (!pools.empty() && pools.back().share() >= pool.share()) {
            pool.weight += pools.back().weight;
            pool.sum += pools.back().sum;
            pools.pop_back();
        }
        pools.push_back(pool);
    }
    for (const Pool& pool : pools)
        calibration.m_shares.resize(pool.end, pool.share());
    return calibration;
}

double IsotonicCalibration::at(float score) const {
    const double x = static_cast<double>(score);
    const auto above = std::ranges::lower_bound(m_scores, x);
    const auto i = static_cast<std::size_t>(above - m_scores.begin());
    if (i == m_scores.size())
        return m_shares.back();
    if (i == 0 || *above == x)
        return m_shares[i];
    const double part = (x - m_scores[i - 1]) / (m_scores[i] - m_scores[i - 1]);
    return m_shares[i - 1] + part * (m_shares[i] - m_shares[i - 1]);
}

} // namespace perch::stats
