#pragma once

#include "core/spec/training_spec.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::model {

/// All parameters of a training as a capsule keeps them. Reading throws nlohmann's exceptions; a word that is unknown
/// is one of them.
nlohmann::json trainingToJson(const spec::TrainingSpec& training);
spec::TrainingSpec trainingFromJson(const nlohmann::json& document);

nlohmann::json thresholdToJson(const spec::ThresholdSpec& threshold);
spec::ThresholdSpec thresholdFromJson(const nlohmann::json& document);

} // namespace perch::model
