#pragma once

#include "core/drift/model_drift.h"

#include <stop_token>

namespace perch::drift {

/// How much of a binary model's accuracy the shift of each feature costs, before labels arrive: the estimated accuracy
/// (stats::estimatePerformance) on the current rows, less that on the same rows with this one feature moved back to the
/// reference's distribution (moveToReference). At most `kEffectRows` rows, evenly over the table. What the features do
/// together beyond the sum of their effects is left as unexplained. Assumes that P(y | x) has not changed. `before` and
/// `after` are the scores of the two tables. Cancelled soon after `stop`; other errors as of scoreTable.
Result<AccuracyEffects> measureAccuracyEffects(const model::Predictor& predictor, const data::Table& reference,
                                               const data::Table& current, std::span<const float> before,
                                               std::span<const float> after,
                                               const stats::IsotonicCalibration* calibration, std::stop_token stop);
inline constexpr std::size_t kEffectRows = 10'000;

} // namespace perch::drift
