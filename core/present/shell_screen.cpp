#include "core/present/shell_screen.h"

#include "core/base/number_format.h"
#include "core/present/gates.h"
#include "core/present/words.h"

namespace perch::present {

namespace {

using fleet::Phase;

/// What a rollout under way asks of a person.
Chip rolloutChip(const fleet::ModelFacts& model) {
    const std::string weight = percentText(model.route.canaryWeight);
    switch (model.phase) {
    case Phase::Failed: return {State::Fail, PERCH_TEXT("States", "Rollout failed")};
    case Phase::Diverged: return {State::Fail, PERCH_TEXT("States", "Diverged")};
    case Phase::Preparing: return {State::Waiting, PERCH_TEXT("States", "Preparing")};
    case Phase::Promoting: return {State::Waiting, PERCH_TEXT("States", "Promoting")};
    case Phase::Aborting: return {State::Waiting, PERCH_TEXT("States", "Aborting")};
    case Phase::RollingBack: return {State::Waiting, PERCH_TEXT("States", "Rolling back")};
    case Phase::Held:
        if (model.rollout.hold == fleet::HoldReason::Person)
            return {State::Paused, PERCH_TEXT("States", "Paused at %1", {weight})};
        [[fallthrough]];
    case Phase::Stepping: {
        const GateTable gates = makeGates(model);
        switch (gates.summary.state) {
        case State::Pass: return {State::Waiting, PERCH_TEXT("States", "Decision waiting")};
        case State::Fail: return {State::Fail, PERCH_TEXT("States", "Gate fails")};
        case State::SourceDown: return {State::SourceDown, PERCH_TEXT("States", "Source down")};
        case State::NoData: return {State::NoData, PERCH_TEXT("States", "No data yet")};
        default: return {State::Undecided, PERCH_TEXT("States", "Undecided")};
        }
    }
    default: return {};
    }
}

/// How the stable version is, without a rollout.
Chip stableChip(const fleet::ModelFacts& model, const fleet::VersionFacts& stable) {
    const fleet::Quality& q = stable.quality;
    if (stable.replicas.desired > 0 && stable.replicas.ready == 0)
        return {State::Fail, PERCH_TEXT("States", "Down")};
    const auto down = [](const telemetry::LiveValue& v) { return v.state == telemetry::LiveState::SourceDown; };
    if (down(q.accuracy) || down(q.p99Ms) || down(q.errorRate))
        return {State::SourceDown, PERCH_TEXT("States", "Source down")};
    const State accuracy = gateState(model, stable.version, rollout::Quantity::Accuracy);
    if (accuracy == State::Fail)
        return {State::Fail, PERCH_TEXT("States", "Under limit")};
    const auto over = [&](rollout::Quantity quantity) {
        return gateState(model, stable.version, quantity) == State::Fail;
    };
    const bool degraded = over(rollout::Quantity::Drift) || over(rollout::Quantity::P99) ||
                          over(rollout::Quantity::ErrorRate) || stable.replicas.ready < stable.replicas.desired;
    if (degraded)
        return {State::Warning, PERCH_TEXT("States", "Degraded")};
    if (accuracy == State::NoData)
        return {State::NoData, PERCH_TEXT("States", "No labels yet")};
    if (q.accuracy.state == telemetry::LiveState::Stale)
        return {State::Warning, PERCH_TEXT("States", "Stale")};
    if (accuracy == State::Undecided)
        return {State::Undecided, PERCH_TEXT("States", "Undecided")};
    return {State::Pass, PERCH_TEXT("States", "Healthy")};
}

ShellScreen::Source makeSource(const fleet::SourceFacts& facts, Seconds since) {
    ShellScreen::Source source;
    const std::string age = formatAge(facts.age + since);
    source.name = verbatim(facts.name);
    switch (facts.state) {
    case fleet::SourceFacts::State::Ok:
        source.state = State::Pass;
        source.age = verbatim(age);
        source.tooltip = PERCH_TEXT("Shell", "%1 answered %2 ago", {facts.name, age});
        break;
    case fleet::SourceFacts::State::Stale:
        source.state = State::Warning;
        source.age = verbatim(age);
        source.ageTone = Tone::Warning;
        source.tooltip = PERCH_TEXT("Shell", "%1 answered %2 ago. %3", {facts.name, age, facts.message});
        break;
    case fleet::SourceFacts::State::Down:
        source.state = State::SourceDown;
        source.age = PERCH_TEXT("Shell", "no answer %1", {age});
        source.ageTone = Tone::Fail;
        source.tooltip = PERCH_TEXT("Shell", "%1 has not answered for %2. %3", {facts.name, age, facts.message});
        break;
    }
    return source;
}

void setEnvironment(ShellScreen& screen, const std::string& environment) {
    if (environment == "production") {
        screen.frame = ShellScreen::Frame::Production;
        screen.environmentWord = PERCH_TEXT("Shell", "PRODUCTION");
        screen.locked = true;
    } else if (environment == "staging") {
        screen.frame = ShellScreen::Frame::Staging;
        screen.environmentWord = PERCH_TEXT("Shell", "STAGING");
        screen.locked = true;
    } else {
        screen.environmentWord = PERCH_TEXT("Shell", "DEVELOPMENT");
    }
}

} // namespace

Chip makeModelChip(const fleet::ModelFacts& model) {
    const Chip rollout = rolloutChip(model);
    if (!rollout.word.empty())
        return rollout;
    const fleet::VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    if (stable == nullptr)
        return {State::NoData, PERCH_TEXT("States", "Not served")};
    return stableChip(model, *stable);
}

ShellScreen makeShellScreen(const fleet::Snapshot* snapshot, const ShellInput& input, SystemTime now) {
    ShellScreen screen;
    const bool cluster = !input.nameSpace.empty();
    screen.placeTitle = cluster ? PERCH_TEXT("Shell", "Namespace") : PERCH_TEXT("Shell", "Workspace");
    screen.place = maybeText(cluster ? input.nameSpace : input.workspace);
    screen.userName = input.user;
    screen.readOnly = input.readOnly;
    // Nothing changes a cluster yet.
    screen.userRights =
        input.readOnly || cluster ? PERCH_TEXT("Shell", "read only") : PERCH_TEXT("Shell", "can change rollouts");
    screen.rail = {{Page::Fleet, "fleet", pageTitle(Page::Fleet), verbatim("Ctrl+1")},
        {Page::Model, "model", pageTitle(Page::Model), verbatim("Ctrl+2")},
        {Page::Drift, "drift", pageTitle(Page::Drift), verbatim("Ctrl+3")},
        {Page::Evaluate, "evaluate", pageTitle(Page::Evaluate), verbatim("Ctrl+4")},
        {Page::Train, "train", pageTitle(Page::Train), verbatim("Ctrl+5")},
        {Page::Audit, "audit", pageTitle(Page::Audit), verbatim("Ctrl+6")}};
    screen.modelsTitle = cluster ? PERCH_TEXT("Shell", "Models in %1", {input.nameSpace})
                                 : PERCH_TEXT("Shell", "Models in this workspace");
    if (!input.platformProblem.empty()) {
        screen.platformProblem =
            cluster ? verbatim(input.platformProblem)
                    : PERCH_TEXT("Shell", "%1 Start the local platform with: perch local up", {input.platformProblem});
    }
    setEnvironment(screen, snapshot != nullptr ? snapshot->environment : "development");
    if (snapshot == nullptr) {
        screen.context = verbatim(input.context);
        screen.readAt = input.platformProblem.empty() ? PERCH_TEXT("Shell", "Reading the platform")
                                                      : PERCH_TEXT("Shell", "Not connected");
        return screen;
    }
    screen.context = verbatim(snapshot->platform);
    if (snapshot->timeFactor != 1) {
        screen.timeFactor = PERCH_TEXT("Shell", "Story time: 1 h = %1",
            {fmt::format("{:.3g}\u00a0s", 3'600 / snapshot->timeFactor)});
    }
    for (const fleet::SourceFacts& source : snapshot->sources)
        screen.sources.push_back(makeSource(source, sinceTaken(*snapshot, now)));
    for (const fleet::ModelFacts& model : snapshot->models) {
        const Chip chip = makeModelChip(model);
        screen.models.push_back({model.model, chip.state, chip.word});
    }
    screen.readAt = PERCH_TEXT("Shell", "Read %1",
        {fmt::format("{} {} UTC", dayOnly(snapshot->takenAt), clockTime(snapshot->takenAt))});
    return screen;
}

} // namespace perch::present
