#include "core/present/needs_you.h"

#include "core/base/number_format.h"
#include "core/present/audit_screen.h"
#include "core/present/gates.h"
#include "core/present/words.h"

namespace perch::present {

namespace {

using fleet::ModelFacts;
using fleet::VersionFacts;

/// Since when the end of a series has been on the wrong side of a limit; nothing if it is not.
std::optional<Seconds> timeBeyond(const VersionFacts& version, const std::string& name, double limit, rollout::Sense sense, SystemTime now) {
    const auto found = version.series.find(name);
    if (found == version.series.end())
        return std::nullopt;
    const fleet::Series& series = found->second;
    std::optional<SystemTime> since;
    for (std::size_t i = series.values.size(); i-- > 0;) {
        if (!series.values[i])
            continue;
        const bool beyond = sense == rollout::Sense::AtLeast ? *series.values[i] < limit : *series.values[i] > limit;
        if (!beyond)
            break;
        since = series.start +
                std::chrono::duration_cast<std::chrono::milliseconds>(series.step * static_cast<double>(i));
    }
    if (!since)
        return std::nullopt;
    return std::chrono::duration_cast<Seconds>(now - *since);
}

void setSince(NeedsYouCard& card, std::optional<Seconds> age, bool waiting) {
    card.age = age;
    if (!age)
        return;
    card.since = waiting ? PERCH_TEXT("Needs you", "waiting %1", {formatAge(*age)})
                         : PERCH_TEXT("Needs you", "for %1", {formatAge(*age)});
}

std::optional<NeedsYouCard> rolloutCard(const ModelFacts& model, SystemTime now) {
    if (!model.route.canary && model.phase != fleet::Phase::Failed && model.phase != fleet::Phase::Diverged)
        return std::nullopt;
    const std::string name = model.model.text();
    const std::string candidate = model.route.canary ? model.route.canary->text() : "";
    const auto inStep = model.rollout.stepSince == SystemTime{}
                            ? std::optional<Seconds>{}
                            : std::optional(std::chrono::duration_cast<Seconds>(now - model.rollout.stepSince));
    NeedsYouCard card;
    card.model = model.model;
    const GateTable gates = makeGates(model);
    const std::vector<std::string> counts{std::to_string(gates.passing), std::to_string(gates.required)};
    if (model.phase == fleet::Phase::Failed || model.phase == fleet::Phase::Diverged) {
        card.state = State::Fail;
        card.title = model.phase == fleet::Phase::Failed ? PERCH_TEXT("Needs you", "Rollout failed: %1", {name})
                                                         : PERCH_TEXT("Needs you", "Diverged: %1", {name});
        card.body = maybeText(model.phaseReason.empty() ? model.rollout.failure : model.phaseReason);
        card.button = PERCH_TEXT("Needs you", "Open model");
        card.brief = PERCH_TEXT("Needs you", "failed rollout");
        return card;
    }
    if (model.phase == fleet::Phase::Held && model.rollout.hold == fleet::HoldReason::Person) {
        card.state = State::Paused;
        card.title = PERCH_TEXT("Needs you", "Rollout paused: %1 %2", {name, candidate});
        card.body = PERCH_TEXT("Needs you", "At %1 by %2.", {percentText(model.route.canaryWeight), model.rollout.holdBy});
        card.button = PERCH_TEXT("Needs you", "Open model");
        card.brief = PERCH_TEXT("Needs you", "paused rollout");
        setSince(card, inStep, false);
        return card;
    }
    if (model.phase != fleet::Phase::Stepping && model.phase != fleet::Phase::Held)
        return std::nullopt;
    if (gates.summary.state == State::Pass) {
        card.state = State::Waiting;
        card.title = PERCH_TEXT("Needs you", "Promotion waiting: %1 %2", {name, candidate});
        card.body = PERCH_TEXT("Needs you", "Required gates %1 of %2 pass. Next step %3.",
            {counts[0], counts[1], percentText(nextWeight(model))});
        card.button = PERCH_TEXT("Needs you", "Review promotion");
        card.primary = true;
        card.brief = PERCH_TEXT("Needs you", "promotion");
        setSince(card, inStep, true);
        return card;
    }
    if (gates.summary.state == State::Fail) {
        card.state = State::Fail;
        card.title = PERCH_TEXT("Needs you", "Gate fails: %1 %2", {name, candidate});
        card.body = PERCH_TEXT("Needs you", "Required gates %1 of %2 pass at %3.",
            {counts[0], counts[1], percentText(model.route.canaryWeight)});
        card.button = PERCH_TEXT("Needs you", "Open model");
        card.brief = PERCH_TEXT("Needs you", "failing gate");
        setSince(card, inStep, false);
        return card;
    }
    return std::nullopt;
}

std::optional<NeedsYouCard> accuracyCard(const ModelFacts& model, const VersionFacts& stable, SystemTime now) {
    const telemetry::LiveValue& value = stable.quality.accuracy;
    if (gateState(model, stable.version, rollout::Quantity::Accuracy) != State::Fail)
        return std::nullopt;
    NeedsYouCard card;
    card.state = State::Fail;
    card.model = model.model;
    card.title = PERCH_TEXT("Needs you", "Accuracy low: %1 %2", {model.model.text(), stable.version.text()});
    const std::string seen = formatPercent(*value.value);
    const std::string limit = formatPercent(model.accuracyLimit);
    if (stable.record && stable.record->metrics.contains("accuracy"))
        card.body = PERCH_TEXT("Needs you", "%1, limit %2, was %3.",
            {seen, limit, formatPercent(stable.record->metrics.at("accuracy"))});
    else
        card.body = PERCH_TEXT("Needs you", "%1, limit %2.", {seen, limit});
    card.button = PERCH_TEXT("Needs you", "Open model");
    card.brief = PERCH_TEXT("Needs you", "low accuracy");
    setSince(card, timeBeyond(stable, "accuracy", model.accuracyLimit, rollout::Sense::AtLeast, now), false);
    return card;
}

std::optional<NeedsYouCard> driftCard(const ModelFacts& model, const VersionFacts& stable) {
    const telemetry::LiveValue& value = stable.quality.drift;
    if (gateState(model, stable.version, rollout::Quantity::Drift) != State::Fail)
        return std::nullopt;
    const auto over = std::count_if(stable.quality.features.begin(), stable.quality.features.end(),
        [&](const fleet::FeatureDrift& f) { return isCurrent(f.psi) && *f.psi.value > model.driftLimit; });
    NeedsYouCard card;
    card.state = State::Warning;
    card.model = model.model;
    card.title = PERCH_TEXT("Needs you", "Input drift high: %1", {model.model.text()});
    card.body = PERCH_TEXT("Needs you", "Score %1, limit %2, %3 features over.",
        {formatDecimal(*value.value, 2), formatDecimal(model.driftLimit, 2), std::to_string(over)});
    card.button = PERCH_TEXT("Needs you", "Open model");
    card.brief = PERCH_TEXT("Needs you", "high drift");
    return card;
}

std::optional<NeedsYouCard> sourceCard(const ModelFacts& model, const VersionFacts& stable,
    const fleet::Snapshot& snapshot, SystemTime now) {
    const fleet::Quality& q = stable.quality;
    const telemetry::LiveValue* gone = nullptr;
    for (const telemetry::LiveValue* value : {&q.p99Ms, &q.errorRate, &q.accuracy}) {
        if (value->state == telemetry::LiveState::SourceDown)
            gone = value;
    }
    if (gone == nullptr)
        return std::nullopt;
    NeedsYouCard card;
    card.state = State::SourceDown;
    card.model = model.model;
    card.title = PERCH_TEXT("Needs you", "Source down: %1", {model.model.text()});
    card.body = PERCH_TEXT("Needs you", "Metrics do not arrive. Replicas %1 of %2 ready.",
        {std::to_string(stable.replicas.ready), std::to_string(stable.replicas.desired)});
    card.button = PERCH_TEXT("Needs you", "Open model");
    card.brief = PERCH_TEXT("Needs you", "source down");
    if (gone->value)
        setSince(card, ageNow(*gone, snapshot, now), false);
    return card;
}

std::optional<NeedsYouCard> replicasCard(const ModelFacts& model) {
    for (const VersionFacts& version : model.versions) {
        for (const fleet::Replica& replica : version.replicas.items) {
            if (replica.state != fleet::Replica::State::Crashed)
                continue;
            NeedsYouCard card;
            card.state = version.replicas.ready == 0 ? State::Fail : State::Warning;
            card.model = model.model;
            card.title = PERCH_TEXT("Needs you", "Replica crashes: %1 %2", {model.model.text(), version.version.text()});
            card.body = PERCH_TEXT("Needs you", "%1 of %2 ready, %3 restarts.",
                {std::to_string(version.replicas.ready), std::to_string(version.replicas.desired),
                    std::to_string(replica.restarts)});
            card.button = PERCH_TEXT("Needs you", "Open model");
            card.brief = PERCH_TEXT("Needs you", "crashing replica");
            return card;
        }
    }
    return std::nullopt;
}

/// The bar of a rollout: from a record until the next record of that model that moves traffic.
bool movesTraffic(const std::string& action) {
    return action == "start" || action == "set_weight" || action == "promote" || action == "promote_fully" ||
           action == "shadow" || action == "abort" || action == "roll_back" || action == "pause" || action == "resume";
}

} // namespace

std::vector<NeedsYouCard> makeNeedsYou(const fleet::Snapshot& snapshot, SystemTime now) {
    std::vector<NeedsYouCard> cards;
    const auto add = [&](std::optional<NeedsYouCard> card) {
        if (card)
            cards.push_back(*std::move(card));
    };
    for (const ModelFacts& model : snapshot.models) {
        add(rolloutCard(model, now));
        add(replicasCard(model));
        if (const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr) {
            add(accuracyCard(model, *stable, now));
            add(driftCard(model, *stable));
            add(sourceCard(model, *stable, snapshot, now));
        }
    }
    std::stable_sort(cards.begin(), cards.end(), [](const NeedsYouCard& a, const NeedsYouCard& b) {
        if (severity(a.state) != severity(b.state))
            return severity(a.state) < severity(b.state);
        return a.age.value_or(Seconds(0)) > b.age.value_or(Seconds(0));
    });
    return cards;
}

std::vector<Lane> makeLanes(const fleet::Snapshot& snapshot, const AuditFacts& audit, SystemTime start, SystemTime end) {
    std::vector<Lane> lanes;
    for (const ModelFacts& model : snapshot.models) {
        Lane lane;
        lane.model = model.model;
        std::vector<const rollout::AuditRecord*> moves;
        for (const rollout::AuditRecord& entry : audit.records) {
            if (entry.model == model.model.text() && entry.result == "done" && movesTraffic(entry.action))
                moves.push_back(&entry);
        }
        for (std::size_t i = 0; i < moves.size(); ++i) {
            const rollout::AuditRecord& entry = *moves[i];
            const SystemTime until = i + 1 < moves.size() ? moves[i + 1]->at : end;
            const bool under = entry.action == "start" || entry.action == "set_weight" || entry.action == "promote" ||
                               entry.action == "resume";
            const bool last = i + 1 == moves.size();
            if (until <= start || (entry.at < start && !under && entry.action != "pause"))
                continue;
            Lane::Mark mark;
            mark.from = std::max(entry.at, start);
            mark.to = until;
            mark.chip.word = verbatim(entry.summary.substr(0, entry.summary.find_last_not_of('.') + 1));
            if (under && (!last || model.route.canary)) {
                mark.kind = Lane::Mark::Kind::Canary;
            } else if (entry.action == "shadow" && (!last || model.mirror)) {
                mark.kind = Lane::Mark::Kind::Shadow;
            } else if (entry.action == "pause" && (!last || model.phase == fleet::Phase::Held)) {
                mark.kind = Lane::Mark::Kind::Paused;
            } else {
                mark.kind = Lane::Mark::Kind::Point;
                mark.to = mark.from;
                mark.chip.state = entry.action == "abort" || entry.action == "roll_back" ? State::Warning : State::Pass;
            }
            lane.marks.push_back(std::move(mark));
        }
        lanes.push_back(std::move(lane));
    }
    return lanes;
}

} // namespace perch::present
