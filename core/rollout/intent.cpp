#include "core/rollout/intent.h"

namespace perch::rollout {

std::string_view toString(Action action) {
    switch (action) {
    case Action::Start:
        return "start";
    case Action::Promote:
        return "promote";
    case Action::PromoteFully:
        return "promote_fully";
    case Action::SetWeight:
        return "set_weight";
    case Action::Pause:
        return "pause";
    case Action::Resume:
        return "resume";
    case Action::Shadow:
        return "shadow";
    case Action::Abort:
        return "abort";
    case Action::Retry:
        return "retry";
    case Action::RollBack:
        return "roll_back";
    }
    return "start";
}

Result<Action> parseAction(std::string_view text) {
    for (const Action action : kActions) {
        if (toString(action) == text)
            return action;
    }
    return fail(ErrorCode::InvalidInput, "\"{}\" is not an action of a rollout.", text);
}

} // namespace perch::rollout
