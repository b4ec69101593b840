#include "core/present/model_actions.h"

#include "core/base/number_format.h"
#include "core/present/words.h"
#include "core/registry/registry.h"
#include "core/rollout/plan.h"

namespace perch::present {

namespace {

using fleet::ModelFacts;
using rollout::Action;

/// Turns a button off with its reason, unless the action makes sense now.
void judge(ActionButton& button, const ModelFacts& model, const ModelScreenInput& input) {
    const std::string reason =
        input.readOnly ? "This session is read only" : rollout::whyDisabled(model, button.intent);
    button.enabled = reason.empty();
    if (button.enabled)
        return;
    std::string shortReason = reason;
    while (!shortReason.empty() && shortReason.back() == '.')
        shortReason.pop_back();
    // The page names the model already: "no canary" is enough on its button, the tooltip has the sentence.
    const std::string subject = model.model.text() + " has ";
    if (shortReason.starts_with(subject))
        shortReason.erase(0, subject.size());
    button.second = verbatim(shortReason);
    button.primary = false;
    button.tooltip = verbatim(reason);
}

ActionButton promoteButton(const ModelFacts& model, const GateTable& gates) {
    ActionButton button;
    const std::optional<Version> candidate = nextCandidate(model);
    if (model.phase == fleet::Phase::Failed) {
        button.intent.action = Action::Retry;
        button.label = PERCH_TEXT("Model", "Retry\u2026");
        button.second = PERCH_TEXT("Model", "the failed step again");
    } else if (!model.route.canary && candidate) {
        const Percent first = model.strategy.empty() ? Percent::fromBasisPoints(1'000) : model.strategy.front();
        button.intent.action = Action::Start;
        button.intent.to = candidate;
        button.intent.weight = first;
        button.label = PERCH_TEXT("Model", "Start canary\u2026");
        button.second = PERCH_TEXT("Model", "%1 at %2", {candidate->text(), percentText(first)});
        button.primary = true;
        button.tooltip = PERCH_TEXT("Model", "Starts %1 beside the stable version and sends it %2 of the traffic.",
                                    {candidate->text(), percentText(first)});
    } else {
        button.intent.action = Action::Promote;
        button.label = model.route.canary ? PERCH_TEXT("Model", "Promote to %1\u2026", {percentText(nextWeight(model))})
                                          : PERCH_TEXT("Model", "Promote\u2026");
        button.second = gates.summary.word;
        button.primary = gates.summary.state == State::Pass;
        button.tooltip = PERCH_TEXT("Model", "Goes to the next step of the strategy.");
    }
    return button;
}

ActionButton pauseButton(const ModelFacts& model) {
    ActionButton button;
    const std::string weight = percentText(model.route.canaryWeight);
    const bool paused = model.phase == fleet::Phase::Held && model.rollout.hold == fleet::HoldReason::Person;
    button.intent.action = paused ? Action::Resume : Action::Pause;
    button.label = paused ? PERCH_TEXT("Model", "Resume\u2026") : PERCH_TEXT("Model", "Pause\u2026");
    button.second = paused ? PERCH_TEXT("Model", "go on at %1", {weight}) : PERCH_TEXT("Model", "hold at %1", {weight});
    button.tooltip = PERCH_TEXT("Model", "Holds the steps. Traffic stays as it is.");
    return button;
}

/// While a version shadows the button ends that.
ActionButton shadowButton(const ModelFacts& model) {
    ActionButton button;
    if (model.mirror) {
        const std::string version = model.mirror->version.text();
        button.intent.action = Action::Abort;
        button.label = PERCH_TEXT("Model", "Stop shadow\u2026");
        button.second = PERCH_TEXT("Model", "%1 gets copies of %2", {version, percentText(model.mirror->share)});
        button.tooltip = PERCH_TEXT("Model", "Sends %1 no more copies and stops its replicas.", {version});
        return button;
    }
    const std::optional<Version> candidate = nextCandidate(model);
    const std::string version = versionText(candidate);
    const Percent share = Percent::fromBasisPoints(rollout::kMirrorBasisPoints);
    button.intent.action = Action::Shadow;
    button.intent.to = candidate;
    button.intent.weight = share;
    button.label = PERCH_TEXT("Model", "Shadow\u2026");
    button.second = PERCH_TEXT("Model", "%1, copies of %2", {version, percentText(share)});
    button.tooltip = PERCH_TEXT("Model", "Sends %1 copies of %2 of the requests. Users never see its answers.",
                                {version, percentText(share)});
    return button;
}

ActionButton rollBackButton(const ModelFacts& model) {
    ActionButton button;
    const std::optional<Version> target = rollout::rollBackTarget(model);
    button.intent.action = Action::RollBack;
    if (!model.route.canary)
        button.intent.to = target;
    button.label = PERCH_TEXT("Model", "Roll back\u2026");
    button.second =
        target ? PERCH_TEXT("Model", "%1 takes %2", {target->text(), percentText(Percent::fromBasisPoints(10'000))})
               : PERCH_TEXT("Model", "no earlier version");
    button.tooltip = PERCH_TEXT("Model",
                                "Abort stops this rollout and keeps the candidate as the wanted version. "
                                "Roll back makes %1 the wanted version.",
                                {target ? target->text() : "the version before"});
    return button;
}

} // namespace

std::optional<Version> nextCandidate(const ModelFacts& model) {
    const std::optional<Version>& stable = model.route.stable;
    if (!stable)
        return std::nullopt;
    const auto challenger = model.aliases.find(registry::kChallenger);
    if (challenger != model.aliases.end() && challenger->second != *stable)
        return challenger->second;
    std::optional<Version> newest;
    for (const fleet::VersionFacts& facts : model.versions) {
        const bool known = facts.record || model.keeper == fleet::Keeper::Objects;
        if (known && facts.version > *stable)
            newest = std::max(newest.value_or(facts.version), facts.version);
    }
    return newest;
}

std::array<ActionButton, kModelButtons> makeActions(const ModelFacts& model, const GateTable& gates,
                                                    const ModelScreenInput& input) {
    const std::string canary = versionText(model.route.canary);
    const std::string weight = percentText(model.route.canaryWeight);
    ActionButton setWeight;
    setWeight.intent.action = Action::SetWeight;
    setWeight.label = PERCH_TEXT("Model", "Set weight\u2026");
    setWeight.second = PERCH_TEXT("Model", "now %1", {weight});
    setWeight.tooltip = PERCH_TEXT("Model", "Sends the chosen share of the traffic to the canary.");
    ActionButton abort;
    abort.intent.action = Action::Abort;
    abort.label = model.mirror ? PERCH_TEXT("Model", "Abort shadow\u2026") : PERCH_TEXT("Model", "Abort canary\u2026");
    abort.second = model.mirror ? PERCH_TEXT("Model", "%1 gets no more copies", {model.mirror->version.text()})
                                : PERCH_TEXT("Model", "%1 to %2", {canary, percentText(Percent())});
    abort.tooltip = PERCH_TEXT("Model",
                               "Abort stops this rollout and keeps %1 as the wanted version. "
                               "Roll back makes %2 the wanted version.",
                               {model.mirror ? model.mirror->version.text() : canary, versionText(model.route.stable)});
    std::array<ActionButton, kModelButtons> buttons{promoteButton(model, gates), setWeight, pauseButton(model),
                                                    shadowButton(model),         abort,     rollBackButton(model)};
    constexpr std::array<char, kModelButtons> keys{'P', 'W', 'H', 'S', 'A', 'B'};
    for (std::size_t i = 0; i < buttons.size(); ++i) {
        ActionButton& button = buttons[i];
        button.button = static_cast<ModelButton>(i);
        button.key = keys[i];
        button.intent.model = model.model;
        button.intent.actor = input.actor;
        judge(button, model, input);
    }
    ActionButton& shadow = buttons[static_cast<std::size_t>(ModelButton::Shadow)];
    if (shadow.enabled && shadow.intent.action == Action::Shadow && !shadow.intent.to) {
        shadow.enabled = false;
        shadow.second = PERCH_TEXT("Model", "no newer version");
    } else if (!shadow.enabled && !input.readOnly && model.route.canary) {
        // The sentence is the tooltip; on the button it would push the others into a second line.
        shadow.second = PERCH_TEXT("Model", "%1 takes traffic", {canary});
    }
    return buttons;
}

WeightField makeWeightField(const ModelFacts& model, const ActionButton& button) {
    WeightField field;
    field.now = model.route.canaryWeight;
    field.smallest = Percent::fromBasisPoints(100);
    field.largest = Percent::fromBasisPoints(9'900);
    field.enabled = button.enabled;
    field.reason = button.enabled ? PERCH_TEXT("Model", "no change") : button.second;
    return field;
}

std::vector<TrackStep> makeTrack(const ModelFacts& model, SystemTime now) {
    std::vector<TrackStep> track;
    if (!model.route.canary)
        return track;
    const fleet::RolloutRecord& record = model.rollout;
    for (std::size_t i = 0; i < record.weights.size(); ++i) {
        TrackStep step;
        step.weight = record.weights[i];
        step.label = verbatim(percentText(step.weight));
        if (i < record.step) {
            step.state = TrackStep::State::Done;
            step.note = PERCH_TEXT("Model", "done");
        } else if (i == record.step) {
            step.state = TrackStep::State::Current;
            const auto since = std::chrono::duration_cast<Seconds>(now - record.stepSince);
            step.note =
                record.stepSince == SystemTime{} ? Text{} : PERCH_TEXT("Model", "in step %1", {formatAge(since)});
            if (model.route.canaryWeight != step.weight)
                step.note = PERCH_TEXT("Model", "weight set to %1 by hand", {percentText(model.route.canaryWeight)});
        } else {
            step.note = i == record.step + 1 ? PERCH_TEXT("Model", "waits for approval") : Text{};
        }
        track.push_back(std::move(step));
    }
    return track;
}

} // namespace perch::present
