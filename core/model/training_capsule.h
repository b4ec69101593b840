#pragma once

#include "core/model/train.h"

#include <string>
#include <utility>
#include <vector>

namespace perch::model {

/// The share of the training part that a threshold by cost is chosen on.
inline constexpr double kValidationShare = 0.2;

/// XGBoost's parameters of a training, by their own names.
std::vector<std::pair<std::string, std::string>> boosterParameters(const spec::TrainingSpec& training,
                                                                   std::uint32_t threads);

/// `fixed`, or `cost 20:1`: a missed positive against a false alarm.
std::string thresholdRuleText(const spec::ThresholdSpec& threshold);

/// capsule.json: all that a training needs to be repeated.
std::string capsuleText(const XgboostLibrary& library, const TrainRequest& request, const ModelCard& card,
                        std::uint32_t threads);

} // namespace perch::model
