#pragma once

#include <cstdint>
#include <span>

namespace perch::model {

/// The threshold with the least cost on the given rows, where a missed positive costs `falseNegativeCost` and a false
/// alarm `falsePositiveCost`. It lies midway between two neighboring scores; of equal costs the one nearest to the
/// threshold of a perfectly calibrated model wins. `labels` are 0 and 1, as many as scores, at least one.
double cheapestThreshold(std::span<const float> scores, std::span<const std::uint8_t> labels, double falseNegativeCost,
                         double falsePositiveCost);

} // namespace perch::model
