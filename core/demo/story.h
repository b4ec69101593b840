#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/demo/story_report.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace perch::demo {

/// The telling moments, in order.
enum class Moment { Serving, Degraded, Canary, Recovered, RolledBack };
std::string_view toString(Moment moment); ///< `serving`, `degraded`, `canary`, `recovered`, `rolled_back`

struct StoryOptions {
    std::uint64_t seed = 42;
    double requestsPerSecond = 400;
    double labelDelayHours = 1;
    std::string identity; ///< `user@host`
};

/// What the player tells while it plays; called on the thread of playStory.
struct StoryListener {
    std::function<void(const StoryEventLine&)> onEvent = [](const StoryEventLine&) {};
    /// What is waited for and how things stand, about twice a second.
    std::function<void(double hour, const std::string& status)> onTick = [](double, const std::string&) {};
    /// The state holds until it returns; traffic goes on.
    std::function<void(Moment)> onMoment = [](Moment) {};
    /// Everything has been played and the platform still serves; it is stopped when this returns.
    std::function<void()> onEnd = [] {};
};

/// The text of the story's perch.yaml.
std::string_view storySpecText();

/// Plays the credit-risk story in a workspace on real parts: trains v1, serves it, shifts the economy, waits for the
/// alert, retrains, compares, canary, promotion, then a bad candidate and its rollback. Everything it started is
/// stopped when it returns, also with an error. Cancelled soon after `stop`; Timeout that says what did not happen.
Result<StoryReport> playStory(const Workspace& workspace, const StoryOptions& options, const StoryListener& listener,
                              const Clock& clock, std::stop_token stop);

} // namespace perch::demo
