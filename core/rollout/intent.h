#pragma once

#include "core/base/ids.h"
#include "core/base/units.h"

#include <optional>
#include <string>

namespace perch::rollout {

/// What a person or the autopilot may want. The order is the order of the buttons.
enum class Action { Start, Promote, PromoteFully, SetWeight, Pause, Resume, Abort, Retry, RollBack };
std::string_view toString(Action action); ///< `start`, `promote`, `promote_fully`, `set_weight`...

/// Who acts, and from where: written into journal and audit.
struct Actor {
    std::string identity; ///< `user@host`
    std::string program;  ///< `perch-console`, `perch`, `demo`
};

/// A wish, as a value.
struct Intent {
    Action action = Action::Start;
    ModelName model;
    std::optional<Version> to = {};     ///< Start, RollBack (nothing: the version that was stable before)
    std::optional<Percent> weight = {}; ///< Start, SetWeight
    std::string reason = {};            ///< kept in the audit
    Actor actor = {};
};

} // namespace perch::rollout
