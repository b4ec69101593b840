#pragma once

#include "core/data/table.h"
#include "core/model/predict/predictor.h"
#include "core/stats/isotonic.h"

#include <span>
#include <stop_token>
#include <vector>

namespace perch::drift {

/// The scores of a binary model or a regression for all rows of a table, in its order. InvalidInput for a multi-class
/// model, and for a table that lacks a field of the model or has it with another type; Cancelled soon after `stop`.
Result<std::vector<float>> scoreTable(const model::Predictor& predictor, const data::Table& table, std::stop_token stop);

/// 1 for the positive class of the model, 0 for the other, 2 where the label is missing. InvalidInput for a value that
/// is no class of the model.
Result<std::vector<std::uint8_t>> labelsOf(const data::Column& label, const model::ModelCard& card);
inline constexpr std::uint8_t kUnlabelled = 2;

/// The chance that each row is positive: its score, put right by `calibration` unless that is null.
std::vector<double> probabilitiesOf(std::span<const float> scores, const stats::IsotonicCalibration* calibration);

} // namespace perch::drift
