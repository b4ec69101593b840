#include "core/rollout/plan_review.h"

#include "core/base/number_format.h"
#include "core/rollout/plan_builder.h"
#include "core/telemetry/live_value_json.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

namespace {

using fleet::LiveValue;
using fleet::ModelFacts;
using fleet::VersionFacts;
using telemetry::LiveState;
using State = Check::State;

/// Which version gets more traffic by the plan, and which gets less.
struct Move {
    std::optional<Version> gains;
    std::optional<Version> loses;
};

Move moveOf(const Plan& plan) {
    if (plan.stableBefore != plan.stableAfter)
        return {plan.stableAfter, plan.stableBefore};
    if (plan.canaryWeightAfter > plan.canaryWeightBefore)
        return {plan.canaryAfter, plan.stableAfter};
    if (plan.canaryWeightAfter < plan.canaryWeightBefore || (plan.canaryBefore && !plan.canaryAfter))
        return {plan.stableAfter, plan.canaryBefore};
    return {};
}

const VersionFacts* factsOf(const ModelFacts& model, const std::optional<Version>& version) {
    return version ? model.find(*version) : nullptr;
}

bool isKnown(const LiveValue& value) {
    return value.state == LiveState::Ok && value.value.has_value();
}

void warnOfAccuracy(const ModelFacts& model, const VersionFacts& gains, const VersionFacts* loses, Plan& plan) {
    const LiveValue& accuracy = gains.quality.accuracy;
    const std::string name = gains.version.text();
    if (accuracy.state == LiveState::SourceDown) {
        plan.warnings.push_back(fmt::format("The live accuracy of {} is not known: its source does not answer.", name));
        return;
    }
    if (!accuracy.value) {
        // A canary that has had no traffic yet cannot have an accuracy: that is no news.
        if (plan.intent.action != Action::Start)
            plan.warnings.push_back(
                fmt::format("The live accuracy of {} is not known: there are no labels yet.", name));
        return;
    }
    const bool weaker =
        loses != nullptr && isKnown(loses->quality.accuracy) && *loses->quality.accuracy.value > *accuracy.value;
    const bool low = *accuracy.value < model.accuracyLimit;
    if (!weaker && !low)
        return;
    std::string text = fmt::format("{} is {} today: {} live accuracy, limit {}.", name,
                                   weaker ? "the weaker model" : "below its limit", formatPercent(*accuracy.value),
                                   formatPercent(model.accuracyLimit));
    if (weaker)
        text += fmt::format(" {} is at {}.", loses->version.text(), formatPercent(*loses->quality.accuracy.value));
    plan.warnings.push_back(std::move(text));
}

void warnOfLimits(const ModelFacts& model, const VersionFacts& gains, Plan& plan) {
    for (const GateVerdict& gate : gatesOf(model, gains.version)) {
        if (gate.verdict == Verdict::Fail && gate.gate.required && gate.gate.quantity != Quantity::Accuracy)
            plan.warnings.push_back(gate.reason);
    }
    if (gains.record && gains.record->accepted == false)
        plan.warnings.push_back(fmt::format("{} was not accepted when it was trained.", gains.version.text()));
}

void warnOfSources(const fleet::Snapshot& snapshot, Plan& plan) {
    for (const fleet::SourceFacts& source : snapshot.sources) {
        if (source.state == fleet::SourceFacts::State::Down) {
            plan.warnings.push_back(
                fmt::format("{} does not answer{}", source.name, source.message.empty() ? "." : ": " + source.message));
        } else if (source.state == fleet::SourceFacts::State::Stale) {
            plan.warnings.push_back(fmt::format("What {} says is {} old.", source.name, formatAge(source.age)));
        }
    }
}

/// `25 %, 50 %` between the weight now and all traffic.
std::string skippedSteps(const ModelFacts& model) {
    std::string steps;
    const auto& weights = model.rollout.weights;
    for (std::size_t step = model.rollout.step + 1; step < weights.size(); ++step) {
        if (weights[step].basisPoints() < 10'000)
            steps += (steps.empty() ? "" : ", ") + weights[step].text() + " %";
    }
    return steps;
}

void checkGates(const ModelFacts& model, Plan& plan) {
    const Action action = plan.intent.action;
    const bool skips = action == Action::PromoteFully;
    if ((!skips && action != Action::Promote) || !model.rollout.to)
        return;
    std::size_t open = 0;
    for (const GateVerdict& gate : gatesOf(model, *model.rollout.to)) {
        const bool passes = gate.verdict == Verdict::Pass;
        if (gate.gate.required && !passes)
            ++open;
        const std::string word = passes ? "passes" : skips ? "skipped" : gate.gate.required ? "open" : "advisory";
        plan.checks.push_back({passes ? State::Pass : State::ToKnow,
                               fmt::format("Gate {}: {}{}", word, nameOf(gate.gate.quantity),
                                           gate.gate.against.empty() ? "" : " against " + gate.gate.against),
                               gate.reason});
    }
    if (open > 0) {
        plan.warnings.push_back(fmt::format("{} required {} not pass: {} them.", open,
                                            open == 1 ? "gate does" : "gates do",
                                            skips ? "this promotion skips" : "a person decides over"));
    }
    if (const std::string steps = skippedSteps(model); skips && !steps.empty())
        plan.warnings.push_back(fmt::format("The steps {} are skipped.", steps));
}

/// Replicas that the plan starts before it moves traffic: by a split, or by stopping others.
std::uint32_t startedBeforeTraffic(const Plan& plan) {
    std::uint32_t count = 0;
    for (const Step& step : plan.steps) {
        if (step.field == "split")
            break;
        if (step.field != "replicas")
            continue;
        const int more = std::stoi(step.after) - std::stoi(step.before);
        if (more < 0)
            break;
        count += static_cast<std::uint32_t>(more);
    }
    return count;
}

Check capacityCheck(const ModelFacts& model, const Plan& plan, const Move& move) {
    if (!move.gains) {
        const std::uint32_t starts = startedBeforeTraffic(plan);
        const bool scales = std::ranges::any_of(plan.steps, [](const Step& step) { return step.field == "replicas"; });
        return {State::Pass, "Capacity: no traffic moves",
                starts > 0 ? fmt::format("{} {} started for the copies.", starts,
                                         starts == 1 ? "replica is" : "replicas are")
                : scales   ? "Replicas that are not needed any more stop afterwards."
                           : "No replica is started or stopped."};
    }
    const Percent weight = move.gains == plan.stableAfter
                               ? Percent::fromBasisPoints(10'000 - plan.canaryWeightAfter.basisPoints())
                               : plan.canaryWeightAfter;
    const std::uint32_t needed = replicasFor(model, weight);
    const std::string name = move.gains->text();
    const VersionFacts* facts = factsOf(model, move.gains); // none of a version that the plan makes
    const std::uint32_t ready = facts == nullptr ? 0 : facts->replicas.ready;
    const std::string have = fmt::format("{} of {} replicas of {} are ready.", ready, needed, name);
    if (ready >= needed)
        return {State::Pass, fmt::format("Capacity: {} can take {} %", name, weight.text()), have};
    if (startedBeforeTraffic(plan) > 0)
        return {State::ToKnow, fmt::format("Capacity: {} is started first", name),
                have + " Traffic moves when they all are."};
    return {State::ToKnow, fmt::format("Capacity: {} takes the traffic with less than it should have", name),
            have + " Traffic moves at once, the others start meanwhile."};
}

Check ownerCheck(const ModelFacts& model) {
    const std::string route = model.route.object.empty() ? "the route" : model.route.object;
    if (model.owner.empty())
        return {State::Pass, "Owner: Perch alone writes " + route, "No controller will undo this."};
    return {State::ToKnow, fmt::format("Owner: {} writes {} too", model.owner, route), "It may undo this."};
}

/// What a shadow means for the users and for their data.
Check usersCheck(const Plan& plan) {
    return {State::ToKnow, fmt::format("Users: {} alone answers them", plan.stableAfter->text()),
            fmt::format("{} gets copies of requests with all that they contain; its answers are counted, not sent.",
                        plan.intent.to->text())};
}

Check timeCheck(const Plan& plan) {
    const std::uint32_t starts = startedBeforeTraffic(plan);
    if (starts == 0)
        return {State::Pass, "Expected time: below one second", "No replica has to start before traffic moves."};
    return {
        State::Pass, fmt::format("Expected time: {} to {} s", 1, 2 + 2 * starts),
        fmt::format("{} {} to start and load the model first.", starts, starts == 1 ? "replica has" : "replicas have")};
}

Risk riskOf(const Plan& plan, const Move& move) {
    switch (plan.intent.action) {
    case Action::Pause:
    case Action::Resume:
    case Action::Shadow:
        return Risk::Low;
    case Action::PromoteFully:
        return Risk::High;
    default:
        break;
    }
    if (plan.stableBefore != plan.stableAfter)
        return Risk::High;
    const bool more = move.gains == plan.canaryAfter && move.gains.has_value();
    return more && plan.canaryWeightAfter.basisPoints() <= 1'000 ? Risk::Low : Risk::Medium;
}

} // namespace

std::string evidenceOf(const fleet::Snapshot& snapshot, const ModelFacts& model) {
    nlohmann::json versions = nlohmann::json::array();
    for (const VersionFacts& facts : model.versions) {
        if (facts.role == fleet::Role::Retired && facts.replicas.desired == 0)
            continue;
        nlohmann::json gates = nlohmann::json::array();
        for (const GateVerdict& gate : gatesOf(model, facts.version))
            gates.push_back(toJson(gate));
        versions.push_back({{"version", facts.version.text()},
                            {"role", fleet::toString(facts.role)},
                            {"ready", facts.replicas.ready},
                            {"desired", facts.replicas.desired},
                            {"real_weight", toJson(facts.realWeight)},
                            {"accuracy", toJson(facts.quality.accuracy)},
                            {"drift", toJson(facts.quality.drift)},
                            {"p99_ms", toJson(facts.quality.p99Ms)},
                            {"error_rate", toJson(facts.quality.errorRate)},
                            {"accuracy_since_start", toJson(facts.sinceStart.accuracy)},
                            {"error_rate_since_start", toJson(facts.sinceStart.errorRate)},
                            {"gates", std::move(gates)}});
    }
    nlohmann::json sources = nlohmann::json::array();
    for (const fleet::SourceFacts& source : snapshot.sources) {
        static constexpr const char* kWords[] = {"ok", "stale", "down"};
        sources.push_back(
            {{"name", source.name}, {"state", kWords[static_cast<int>(source.state)]}, {"age_s", source.age.count()}});
    }
    const nlohmann::json evidence = {{"generation", snapshot.generation}, {"taken_at", toIso8601(snapshot.takenAt)},
                                     {"split", splitText(model.route)},   {"phase", fleet::toString(model.phase)},
                                     {"mirror", mirrorText(model.mirror)},
                                     {"versions", std::move(versions)},   {"sources", std::move(sources)}};
    return evidence.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void review(const fleet::Snapshot& snapshot, const ModelFacts& model, Plan& plan) {
    const Move move = moveOf(plan);
    if (const VersionFacts* gains = factsOf(model, move.gains)) {
        warnOfAccuracy(model, *gains, factsOf(model, move.loses), plan);
        warnOfLimits(model, *gains, plan);
    }
    if (model.phase == fleet::Phase::Diverged)
        plan.warnings.push_back(model.phaseReason);
    plan.capacity = capacityCheck(model, plan, move);
    plan.dryRun = {
        State::NotChecked, "Dry run: not checked",
        fmt::format("The platform {} has none. Each value is read back after it is written.", snapshot.platform)};
    plan.checks.push_back(ownerCheck(model));
    checkGates(model, plan);
    if (plan.intent.action == Action::Shadow)
        plan.checks.push_back(usersCheck(plan));
    plan.checks.push_back(timeCheck(plan));
    if (!model.owner.empty()) {
        plan.owners.push_back(model.owner);
        plan.warnings.push_back(fmt::format("{} also writes the route and may undo this.", model.owner));
    }
    warnOfSources(snapshot, plan);
    plan.risk = riskOf(plan, move);
    plan.evidence = evidenceOf(snapshot, model);
}

} // namespace perch::rollout
