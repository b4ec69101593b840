#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace perch::stats {

/// From a score to a probability: the least-squares fit that never falls (pool adjacent violators: Ayer and others
/// 1955), between its steps by straight lines, flat beyond its ends. Immutable.
class IsotonicCalibration {
public:
    /// `labels` are 0 or 1, one per score. Empty without rows or if the lengths differ.
    static std::optional<IsotonicCalibration> fit(std::span<const float> scores, std::span<const std::uint8_t> labels);

    double at(float score) const; ///< 0 to 1

private:
    std::vector<double> m_scores; ///< ascending
    std::vector<double> m_shares; ///< not falling
};

} // namespace perch::stats
