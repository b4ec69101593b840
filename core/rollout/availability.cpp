#include "core/rollout/plan.h"
#include "core/rollout/plan_text.h"
#include "core/rollout/replica_ratio.h"
#include "core/rollout/split.h"

/// Which action makes sense in which phase: the one place, for buttons and plans alike.
namespace perch::rollout {

namespace {

using fleet::Phase;

std::string nameOf(const std::optional<Version>& version) {
    return version ? version->text() : "a version";
}

std::string whyNotNow(const fleet::ModelFacts& model) {
    switch (model.phase) {
    case Phase::Preparing:
    case Phase::Promoting:
    case Phase::Aborting:
    case Phase::RollingBack:
        return model.phaseReason + " Wait, or roll back.";
    case Phase::Stepping:
        if (!model.rollout.finished)
            return model.phaseReason + " Wait, abort or roll back.";
        return {};
    case Phase::Failed:
        return "The last step failed: retry, abort or roll back. " + model.phaseReason;
    case Phase::Diverged:
        return model.phaseReason + " Abort or roll back.";
    case Phase::Idle:
    case Phase::Shadowing:
    case Phase::Held:
    case Phase::Done:
    case Phase::Aborted:
    case Phase::RolledBack:
        break;
    }
    return {};
}

bool hasCanary(const fleet::ModelFacts& model) {
    return (model.phase == Phase::Stepping || model.phase == Phase::Held) && model.route.canary.has_value();
}

/// Where replicas divide the traffic, a third version would spoil every ratio.
std::string whyStray(const fleet::ModelFacts& model) {
    const fleet::VersionFacts* stray = strayVersion(model);
    if (stray == nullptr)
        return {};
    return fmt::format("{} takes traffic too, with {}: wait until it is gone, or scale it to 0.", stray->version.text(),
                       replicasText(stray->replicas.desired));
}

std::string whyNoStart(const fleet::ModelFacts& model) {
    if (std::string reason = whyNotNow(model); !reason.empty())
        return reason;
    if (!model.route.stable)
        return fmt::format("{} has no stable version: start the platform first.", model.model.text());
    if (hasCanary(model))
        return fmt::format("A rollout of {} is under way: promote it or abort it first.", nameOf(model.route.canary));
    return whyStray(model);
}

std::string whyNoCanaryAction(const fleet::ModelFacts& model) {
    if (std::string reason = whyNotNow(model); !reason.empty())
        return reason;
    if (!hasCanary(model))
        return fmt::format("{} has no canary.", model.model.text());
    if (model.rollout.to != model.route.canary)
        return fmt::format("No rollout of Perch has begun the canary {}: abort or roll back.",
                           nameOf(model.route.canary));
    return whyStray(model);
}

std::string whyNoAbort(const fleet::ModelFacts& model) {
    switch (model.phase) {
    case Phase::Idle:
    case Phase::Done:
    case Phase::Aborted:
    case Phase::RolledBack:
        return fmt::format("{} has no rollout to abort.", model.model.text());
    case Phase::RollingBack:
        return model.phaseReason + " There is nothing to abort.";
    default:
        return model.route.stable ? std::string() : fmt::format("{} has no stable version.", model.model.text());
    }
}

std::string whyNoRollBack(const fleet::ModelFacts& model, const std::optional<Version>& to) {
    if (!model.route.stable)
        return fmt::format("{} has no stable version to roll back from.", model.model.text());
    if (!to && !rollBackTarget(model))
        return fmt::format("{} has no version before {}.", model.model.text(), model.route.stable->text());
    return {};
}

bool isOver(const fleet::ModelFacts& model) {
    return model.phase == Phase::Done || model.phase == Phase::Idle || model.phase == Phase::Aborted ||
           model.phase == Phase::RolledBack;
}

} // namespace

std::optional<Version> rollBackTarget(const fleet::ModelFacts& model) {
    const fleet::RolloutRecord& record = model.rollout;
    // A shadow has changed nothing that could be taken back.
    if (!isOver(model) && record.goal != fleet::RolloutRecord::Goal::Shadow) {
        const bool rollsBack = record.goal == fleet::RolloutRecord::Goal::RollBack;
        const std::optional<Version>& origin = rollsBack ? record.to : record.from;
        if (origin)
            return origin;
    }
    if (model.route.canary)
        return model.route.stable;
    if (record.previousStable && record.previousStable != model.route.stable)
        return record.previousStable;
    std::optional<Version> newest;
    for (const fleet::VersionFacts& facts : model.versions) {
        if (model.route.stable && facts.version < *model.route.stable)
            newest = std::max(newest.value_or(facts.version), facts.version);
    }
    return newest;
}

std::string whyDisabled(const fleet::ModelFacts& model, const Intent& intent) {
    if (!model.whyFixed.empty())
        return model.whyFixed;
    switch (intent.action) {
    case Action::Shadow:
        if (!model.whyNoMirror.empty())
            return model.whyNoMirror;
        [[fallthrough]];
    case Action::Start:
        return whyNoStart(model);
    case Action::Promote:
    case Action::PromoteFully:
    case Action::SetWeight:
        return whyNoCanaryAction(model);
    case Action::Pause:
        if (std::string reason = whyNoCanaryAction(model); !reason.empty())
            return reason;
        return model.phase == Phase::Held ? "The rollout is held already." : "";
    case Action::Resume:
        if (std::string reason = whyNotNow(model); !reason.empty())
            return reason;
        return model.phase == Phase::Held ? "" : "The rollout is not held.";
    case Action::Abort:
        return whyNoAbort(model);
    case Action::Retry:
        return model.phase == Phase::Failed ? "" : "No step has failed.";
    case Action::RollBack:
        break;
    }
    return whyNoRollBack(model, intent.to);
}

} // namespace perch::rollout
