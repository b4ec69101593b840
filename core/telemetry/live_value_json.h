#pragma once

#include "core/telemetry/live_value.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::telemetry {

/// A live value as every answer, evidence and recorded snapshot writes it: `value`, `low`, `high`, `n`, `window_s`,
/// `age_s`, `state`, `source`; what is not there is null.
nlohmann::json toJson(const LiveValue& value);

} // namespace perch::telemetry
