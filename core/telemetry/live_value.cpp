#include "core/telemetry/live_value.h"

namespace perch::telemetry {

std::string_view toString(LiveState state) {
    switch (state) {
    case LiveState::Ok:
        return "ok";
    case LiveState::Stale:
        return "stale";
    case LiveState::SourceDown:
        return "source_down";
    case LiveState::NoData:
        break;
    }
    return "no_data";
}

} // namespace perch::telemetry
