#include "core/present/traffic.h"

#include "core/base/number_format.h"
#include "core/present/words.h"

namespace perch::present {

Tone toneOf(fleet::Role role) {
    switch (role) {
    case fleet::Role::Stable: return Tone::Stable;
    case fleet::Role::Canary:
    case fleet::Role::Preview: return Tone::Canary;
    case fleet::Role::Shadow: return Tone::Shadow;
    case fleet::Role::Retired: return Tone::Muted;
    }
    return Tone::Muted;
}

Text roleWord(fleet::Role role) {
    switch (role) {
    case fleet::Role::Stable: return PERCH_TEXT("Roles", "stable");
    case fleet::Role::Canary: return PERCH_TEXT("Roles", "canary");
    case fleet::Role::Shadow: return PERCH_TEXT("Roles", "shadow");
    case fleet::Role::Preview: return PERCH_TEXT("Roles", "preview");
    case fleet::Role::Retired: return PERCH_TEXT("Roles", "retired");
    }
    return {};
}

namespace {

TrafficPart makePart(const fleet::VersionFacts& facts, fleet::Role role, Percent wanted) {
    TrafficPart part;
    part.version = facts.version;
    part.tone = toneOf(role);
    part.wanted = wanted.share();
    part.name = role == fleet::Role::Stable ? PERCH_TEXT("Traffic", "%1 stable", {facts.version.text()})
                                            : verbatim(facts.version.text());
    const bool measured = isCurrent(facts.realWeight);
    if (measured)
        part.real = facts.realWeight.value;
    const telemetry::LiveValue& rate = facts.quality.requestsPerSecond;
    if (role != fleet::Role::Stable)
        part.share = verbatim(percentText(wanted));
    else if (isCurrent(rate))
        part.share = PERCH_TEXT("Traffic", "%1  %2 req/s", {percentText(wanted), rateText(*rate.value)});
    else
        part.share = verbatim(percentText(wanted));
    const std::string real = measured ? weightShare(*facts.realWeight.value) : "not measured";
    part.tooltip = PERCH_TEXT("Traffic", "%1: %2 wanted, %3 measured over %4 requests in %5",
        {facts.version.text(), percentText(wanted), real, formatCount(facts.realWeight.sampleSize),
            formatAge(facts.realWeight.window)});
    return part;
}

ReplicaTile makeTile(const fleet::Replica& replica, const std::string& prefix, Tone tone) {
    ReplicaTile tile;
    tile.name = replica.name.starts_with(prefix) ? replica.name.substr(prefix.size()) : replica.name;
    tile.tone = tone;
    std::string why = replica.reason.empty() ? "" : ". " + replica.reason;
    switch (replica.state) {
    case fleet::Replica::State::Ready:
        tile.state = State::Pass;
        tile.word = PERCH_TEXT("Replicas", "ready");
        break;
    case fleet::Replica::State::Starting:
        tile.state = State::Waiting;
        tile.word = PERCH_TEXT("Replicas", "starting");
        break;
    case fleet::Replica::State::Draining:
        tile.state = State::Paused;
        tile.word = PERCH_TEXT("Replicas", "draining");
        break;
    case fleet::Replica::State::Crashed:
        tile.state = State::Fail;
        tile.word = PERCH_TEXT("Replicas", "crashed");
        break;
    }
    tile.tooltip = PERCH_TEXT("Replicas", "%1 is %2, port %3, %4 restarts%5",
        {replica.name, tile.word.english(), std::to_string(replica.port), std::to_string(replica.restarts), why});
    return tile;
}

} // namespace

TrafficBar makeTrafficBar(const fleet::ModelFacts& model) {
    TrafficBar bar;
    const auto add = [&](const std::optional<Version>& version, fleet::Role role, Percent wanted) {
        const fleet::VersionFacts* facts = version ? model.find(*version) : nullptr;
        if (facts != nullptr && wanted > Percent())
            bar.parts.push_back(makePart(*facts, role, wanted));
    };
    const Percent candidate = model.route.canary ? model.route.canaryWeight : Percent();
    add(model.route.stable, fleet::Role::Stable, Percent::fromBasisPoints(10'000 - candidate.basisPoints()));
    add(model.route.canary, fleet::Role::Canary, candidate);
    if (bar.parts.empty())
        bar.emptyText = PERCH_TEXT("Traffic", "No version gets traffic. Start one: perch local up");
    return bar;
}

std::vector<ReplicaGroup> makeReplicaGroups(const fleet::ModelFacts& model) {
    std::vector<ReplicaGroup> groups;
    for (const fleet::VersionFacts& facts : model.versions) {
        if (facts.role == fleet::Role::Retired && facts.replicas.items.empty())
            continue;
        ReplicaGroup group;
        group.tone = toneOf(facts.role);
        group.title = verbatim(facts.version.text() + " " + roleWord(facts.role).english());
        const fleet::Replicas& replicas = facts.replicas;
        group.count = verbatim(fmt::format("{} / {}", replicas.ready, replicas.desired));
        group.state = replicas.ready >= replicas.desired ? State::Pass : State::Fail;
        const std::string prefix = model.model.text() + "-" + facts.version.text() + "-";
        for (const fleet::Replica& replica : replicas.items)
            group.tiles.push_back(makeTile(replica, prefix, group.tone));
        groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace perch::present
