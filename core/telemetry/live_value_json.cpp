#include "core/telemetry/live_value_json.h"

#include <nlohmann/json.hpp>

namespace perch::telemetry {

nlohmann::json toJson(const LiveValue& value) {
    const auto number = [](const std::optional<double>& optional) {
        return optional ? nlohmann::json(*optional) : nlohmann::json();
    };
    return {{"value", number(value.value)},
            {"low", number(value.low)},
            {"high", number(value.high)},
            {"n", value.sampleSize},
            {"window_s", value.window.count()},
            {"age_s", value.age.count()},
            {"state", toString(value.state)},
            {"source", value.source}};
}

} // namespace perch::telemetry
