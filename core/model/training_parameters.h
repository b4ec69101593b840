#pragma once

#include "core/data/row/row_transform.h"
#include "core/model/training_label.h"
#include "core/spec/training_spec.h"

#include <string>
#include <utility>
#include <vector>

namespace perch::model {

using BoosterParameters = std::vector<std::pair<std::string, std::string>>;

/// The metric that rounds are judged by: `logloss`, `mlogloss`, `rmse`. Less is better for all of them.
std::string metricOf(Task task);

/// XGBoost's parameters of a training, by their own names. InvalidInput if a monotone constraint names no field or a
/// category.
Result<BoosterParameters> boosterParameters(const spec::TrainingSpec& training, const TrainingLabel& label,
                                            const data::RowTransform& transform, std::uint32_t threads,
                                            const std::string& device);

/// InvalidInput that names a parameter out of range.
Result<void> checkParameters(const spec::TrainingSpec& training, const spec::ThresholdSpec& threshold);

/// `fixed`, or `cost 20:1`: a missed positive against a false alarm.
std::string thresholdRuleText(const spec::ThresholdSpec& threshold);

} // namespace perch::model
