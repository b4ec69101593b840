#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace perch::telemetry {

/// How much a live number can be trusted. Missing data is never zero and never healthy.
enum class LiveState { Ok, Stale, NoData, SourceDown };

/// `ok`, `stale`, `no_data`, `source_down`.
std::string_view toString(LiveState state);

/// A quantity of a version: its value with interval, sample, window, age and where it came from. `value` is empty
/// unless the state is Ok or Stale (then it is the last one seen).
struct LiveValue {
    std::optional<double> value;
    std::optional<double> low;  ///< 95 % interval, where one is defined
    std::optional<double> high;
    std::uint64_t sampleSize = 0;
    Seconds window{0};
    Seconds age{0};
    LiveState state = LiveState::NoData;
    std::string source;         ///< which rung of the ladder answered, e.g. `labels model, model_version`
};

} // namespace perch::telemetry
