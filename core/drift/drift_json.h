#pragma once

#include "core/drift/model_drift.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::drift {

/// The document of `perch drift --json`. What was not measured is null; label and prediction stand beside the features.
nlohmann::json toJson(const DriftReport& report);

/// The same of `perch drift --package`, with "against", "concept" and "estimate", null where there is none.
nlohmann::json toJson(const ModelDrift& drift);

} // namespace perch::drift
