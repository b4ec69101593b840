#pragma once

#include "core/base/ids.h"
#include "core/base/units.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace perch::rollout {

/// What a person or the autopilot may want. The order is the order of the buttons.
enum class Action { Start, Promote, PromoteFully, SetWeight, Pause, Resume, Shadow, Abort, Retry, RollBack };
inline constexpr std::array kActions{Action::Start, Action::Promote, Action::PromoteFully, Action::SetWeight,
    Action::Pause, Action::Resume, Action::Shadow, Action::Abort, Action::Retry, Action::RollBack};
std::string_view toString(Action action); ///< `start`, `promote`, `promote_fully`, `set_weight`...
Result<Action> parseAction(std::string_view text);
/// Abort and roll back never wait for a metric, the registry or another actor.
constexpr bool isUrgent(Action action) { return action == Action::Abort || action == Action::RollBack; }

/// Who acts, and from where: written into journal and audit.
struct Actor {
    std::string identity; ///< `user@host`
    std::string program;  ///< `perch-console`, `perch`, `demo`
};

/// A wish, as a value.
struct Intent {
    Action action = Action::Start;
    ModelName model;
    std::optional<Version> to = {};     ///< Start, Shadow, RollBack (nothing: the version that was stable before)
    std::optional<Percent> weight = {}; ///< Start, SetWeight; Shadow: the share of the requests that is copied
    std::string reason = {};            ///< kept in the audit
    Actor actor = {};
};

} // namespace perch::rollout
