#pragma once

#include "core/base/clock.h"
#include "core/demo/stage.h"
#include "core/demo/story_report.h"
#include "core/rollout/operations.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::demo {

/// How quick an intent was, from its confirmation (the plan was made before).
struct ActFigures {
    SteadyTime confirmedAt;
    double routeMs = 0;     ///< until the traffic was moved and read back; 0: the plan moves none
    double routeStepMs = 0; ///< of that, the step that moves the traffic
    double finishedMs = 0;
};

/// Carries the script's intents through plan, execution and audit, like any other client of the operations, and
/// measures them and the split that followed. Borrows the stage.
class Conductor {
public:
    Conductor(Stage& stage, const Clock& clock, rollout::Actor actor)
        : m_stage(&stage), m_clock(&clock), m_actor(std::move(actor)) {}

    /// Conflict if the plan is blocked. Model, action and the rest of `intent` are the caller's; the actor is ours.
    Result<ActFigures> act(rollout::Intent intent, std::stop_token stop);
    /// Writes a training into the audit.
    Result<void> recordTraining(const ModelName& model, const TrainedFigures& figures, const std::string& reason);

    /// From now on the answers of `version` are counted against a wanted share.
    void beginSplit(Version version, double wanted, double changeMs);
    /// Ends the running count, if there is one.
    void endSplit();
    const std::vector<SplitFigures>& splits() const { return m_splits; }

private:
    struct RunningSplit {
        Version version;
        SplitFigures figures;
        ReplayReport begin;
    };

    Stage* m_stage;
    const Clock* m_clock;
    rollout::Actor m_actor;
    std::optional<RunningSplit> m_running;
    std::vector<SplitFigures> m_splits;
};

} // namespace perch::demo
