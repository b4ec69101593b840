#include "core/present/model_screen.h"

#include "core/base/number_format.h"
#include "core/present/model_actions.h"
#include "core/present/model_charts.h"
#include "core/present/shell_screen.h"
#include "core/present/words.h"

namespace perch::present {

namespace {

using fleet::ModelFacts;
using fleet::VersionFacts;

std::vector<KeyHint> keyHints() {
    return {{"P", PERCH_TEXT("Model", "promote")}, {"W", PERCH_TEXT("Model", "weight")},
        {"H", PERCH_TEXT("Model", "pause")}, {"A", PERCH_TEXT("Model", "abort")},
        {"B", PERCH_TEXT("Model", "roll back")}, {"F1", PERCH_TEXT("Model", "all keys")}};
}

std::vector<Chip> chipsOf(const ModelFacts& model) {
    std::vector<Chip> chips{makeModelChip(model)};
    if (model.route.stable) {
        const std::string stable = model.route.stable->text();
        const Text under = PERCH_TEXT("Model", "%1 under limit", {stable});
        if (gateState(model, *model.route.stable, rollout::Quantity::Accuracy) == State::Fail &&
            chips.front().state != State::Fail)
            chips.push_back({State::Fail, under});
    }
    return chips;
}

Text subtitleOf(const ModelFacts& model) {
    const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    const VersionFacts* canary = model.route.canary ? model.find(*model.route.canary) : nullptr;
    const VersionFacts* newest = canary != nullptr ? canary : stable;
    const std::string s = stable != nullptr ? stable->version.text() : "";
    const std::string c = canary != nullptr ? canary->version.text() : "";
    if (newest == nullptr)
        return PERCH_TEXT("Model", "no version serves");
    if (!newest->record)
        return canary != nullptr ? PERCH_TEXT("Model", "%1 stable, %2 canary, not in the registry", {s, c})
                                 : PERCH_TEXT("Model", "%1 stable, not in the registry", {s});
    const registry::VersionRecord& record = *newest->record;
    const std::string data = record.dataSource.substr(record.dataSource.find_last_of('/') + 1);
    const std::string hash = record.digest.hex().substr(0, 12);
    if (canary != nullptr)
        return PERCH_TEXT("Model", "%1 stable, %2 canary, trained on %3, sha256 %4", {s, c, data, hash});
    return PERCH_TEXT("Model", "%1 stable, trained on %2, sha256 %3", {s, data, hash});
}

Text trafficNote(const ModelFacts& model) {
    double rate = 0;
    bool known = false;
    for (const VersionFacts& version : model.versions) {
        const telemetry::LiveValue& value = version.quality.requestsPerSecond;
        // A shadow's requests are copies of those that are counted already.
        if (version.role != fleet::Role::Retired && version.role != fleet::Role::Shadow && isCurrent(value)) {
            rate += *value.value;
            known = true;
        }
    }
    const std::string owner = model.owner.empty() ? "" : " owned by " + model.owner;
    if (!known)
        return PERCH_TEXT("Model", "rate not measured, %1%2", {model.route.object, owner});
    const VersionFacts* canary = model.route.canary ? model.find(*model.route.canary) : nullptr;
    if (canary != nullptr && isCurrent(canary->realWeight)) {
        return PERCH_TEXT("Model", "%1 requests/s, %2 really gets %3, %4%5", {rateText(rate), canary->version.text(),
            weightShare(*canary->realWeight.value), model.route.object, owner});
    }
    return PERCH_TEXT("Model", "%1 requests/s, %2%3", {rateText(rate), model.route.object, owner});
}

Text shadowNote(const ModelFacts& model) {
    if (!model.mirror)
        return PERCH_TEXT("Model", "No shadow running");
    const std::string version = model.mirror->version.text();
    return model.mirror->pending.empty()
               ? PERCH_TEXT("Model", "%1 shadow gets copies of %2", {version, percentText(model.mirror->share)})
               : PERCH_TEXT("Model", "%1 shadow is prepared", {version});
}

Text replicasNote(const ModelFacts& model) {
    std::uint32_t ready = 0;
    std::uint32_t desired = 0;
    std::uint32_t restarts = 0;
    for (const VersionFacts& version : model.versions) {
        ready += version.replicas.ready;
        desired += version.replicas.desired;
        for (const fleet::Replica& replica : version.replicas.items)
            restarts += replica.restarts;
    }
    return PERCH_TEXT("Model", "%1 of %2 ready, %3 restarts",
        {std::to_string(ready), std::to_string(desired), std::to_string(restarts)});
}

/// The age of the source whose name begins so, or that it does not answer.
std::string sourceAge(const fleet::Snapshot& snapshot, std::string_view name, SystemTime now) {
    for (const fleet::SourceFacts& source : snapshot.sources) {
        if (!source.name.starts_with(name))
            continue;
        const std::string age = formatAge(source.age + sinceTaken(snapshot, now));
        return source.state == fleet::SourceFacts::State::Down ? "no answer " + age : age;
    }
    return "none";
}

Text sourcesText(const fleet::Snapshot& snapshot, SystemTime now) {
    return PERCH_TEXT("Model", "Replicas %1, metrics %2, labels %3", {sourceAge(snapshot, "Local", now),
        sourceAge(snapshot, "Prometheus", now), sourceAge(snapshot, "Truth", now)});
}

} // namespace

std::string_view toString(ModelButton button) {
    switch (button) {
    case ModelButton::Promote: return "promote";
    case ModelButton::SetWeight: return "setWeight";
    case ModelButton::Pause: return "pause";
    case ModelButton::Shadow: return "shadow";
    case ModelButton::Abort: return "abort";
    case ModelButton::RollBack: return "rollBack";
    }
    return "promote";
}

ModelScreen makeModelScreen(const fleet::Snapshot& snapshot, const ModelName& name, const ModelScreenInput& input,
    SystemTime now) {
    ModelScreen screen;
    screen.model = name;
    screen.status.keys = keyHints();
    const ModelFacts* model = snapshot.find(name);
    if (model == nullptr) {
        screen.empty.shown = true;
        screen.empty.text = name.text().empty() ? PERCH_TEXT("Model", "No model is chosen. Choose one in the fleet.")
                                                : PERCH_TEXT("Model", "There is no model %1 here.", {name.text()});
        return screen;
    }
    screen.found = true;
    screen.chips = chipsOf(*model);
    screen.subtitle = subtitleOf(*model);
    screen.gates = makeGates(*model);
    screen.actions = makeActions(*model, screen.gates, input);
    screen.traffic = makeTrafficBar(*model);
    screen.trafficNote = trafficNote(*model);
    screen.shadowNote = shadowNote(*model);
    screen.weight = makeWeightField(*model, screen.actions[static_cast<std::size_t>(ModelButton::SetWeight)]);
    screen.track = makeTrack(*model, now);
    if (screen.track.empty()) {
        screen.trackEmpty = model->phaseReason.empty() ? PERCH_TEXT("Model", "No rollout is under way.")
                                                       : verbatim(model->phaseReason);
    }
    screen.accuracy = makeAccuracyChart(*model, input.audit, now);
    screen.latency = makeLatencyChart(*model, now);
    screen.drift = makeHeatStrip(*model);
    screen.replicas = makeReplicaGroups(*model);
    screen.replicasNote = replicasNote(*model);
    if (input.audit != nullptr)
        screen.timeline = makeTimeline(*input.audit, name);
    else
        screen.timeline.emptyText = PERCH_TEXT("Model", "The audit has not been read yet.");
    screen.status.text = sourcesText(snapshot, now);
    return screen;
}

} // namespace perch::present
