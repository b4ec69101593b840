#include "core/rollout/phase.h"

#include "core/rollout/record_json.h"
#include "core/rollout/split.h"

namespace perch::rollout {

namespace {

using fleet::HoldReason;
using fleet::Phase;
using fleet::RolloutRecord;
using Goal = RolloutRecord::Goal;

std::string routeWords(const fleet::Route& route) {
    const std::string text = splitText(route);
    return text.empty() ? "nothing" : text;
}

PhaseVerdict diverged(const std::string& expected, const fleet::Route& route) {
    return {Phase::Diverged,
            fmt::format("The rollout record says {}, the route says {}.", expected, routeWords(route))};
}

std::string versionName(const std::optional<Version>& version) {
    return version ? version->text() : "no version";
}

/// The route once the goal of the record is reached.
Split targetOf(const RolloutRecord& record) {
    switch (record.goal) {
    case Goal::Step:
        return Split{record.from.value_or(Version()), record.to, wantedWeight(record)};
    case Goal::Abort:
    case Goal::Shadow:
        return Split{record.from.value_or(Version()), {}, {}};
    case Goal::Promote:
    case Goal::RollBack:
    case Goal::None:
        break;
    }
    return Split{record.to.value_or(Version()), {}, {}};
}

/// While the executor works the route may be anywhere on the way, but not with a third version.
bool onTheWay(const RolloutRecord& record, const fleet::Route& route) {
    const auto known = [&](const std::optional<Version>& version) {
        return version == record.from || version == record.to;
    };
    // A rollback ends whatever canary there was.
    return known(route.stable) && (!route.canary || known(route.canary) || record.goal == Goal::RollBack);
}

std::string replicaWords(const ObservedObjects& observed, const std::optional<Version>& version) {
    const auto found = version ? observed.replicas.find(*version) : observed.replicas.end();
    const fleet::Replicas replicas = found == observed.replicas.end() ? fleet::Replicas() : found->second;
    return fmt::format("{} of {} replicas of {} are ready", replicas.ready, replicas.desired, versionName(version));
}

PhaseVerdict workingPhase(const RolloutRecord& record, const ObservedObjects& observed) {
    if (!onTheWay(record, observed.route))
        return diverged(fmt::format("{} on the way to {}", versionName(record.from), versionName(record.to)),
                        observed.route);
    switch (record.goal) {
    case Goal::Step:
        if (!observed.route.canary)
            return {Phase::Preparing, replicaWords(observed, record.to) + "."};
        return {Phase::Stepping, fmt::format("The traffic of {} is on its way to {} %.", versionName(record.to),
                                             wantedWeight(record).text())};
    case Goal::Shadow:
        return {Phase::Preparing, replicaWords(observed, record.to) + "."};
    case Goal::Promote:
        return {Phase::Promoting, fmt::format("{} is on its way to all traffic.", versionName(record.to))};
    case Goal::Abort:
        return {Phase::Aborting, fmt::format("The traffic is on its way back to {}.", versionName(record.from))};
    case Goal::RollBack:
    case Goal::None:
        break;
    }
    return {Phase::RollingBack, fmt::format("The traffic is on its way back to {}.", versionName(record.to))};
}

std::string holdWords(const RolloutRecord& record) {
    switch (record.hold) {
    case HoldReason::Person:
        return fmt::format("Paused by {}.", record.holdBy.empty() ? "a person" : record.holdBy);
    case HoldReason::Undecided:
        return "A gate is undecided: a person decides.";
    case HoldReason::NoData:
        return "A gate has no data: a person decides.";
    case HoldReason::SourceDown:
        return "The source of a gate is down: a person decides.";
    case HoldReason::Freeze:
    case HoldReason::None:
        break;
    }
    return "A freeze is on.";
}

std::string mirrorWords(const std::string& text) {
    return text.empty() ? "no shadow" : "copies to " + text + " %";
}

/// A version shadows only once every ready replica of stable copies to it.
PhaseVerdict shadowPhase(const RolloutRecord& record, const ObservedObjects& observed) {
    if (!observed.mirror->pending.empty())
        return {Phase::Preparing, observed.mirror->pending};
    return {Phase::Shadowing, fmt::format("{} gets copies of {} % of the requests and answers nobody, {}.",
                                          versionName(record.to), record.mirrorShare.text(),
                                          replicaWords(observed, record.to))};
}

PhaseVerdict restingPhase(const RolloutRecord& record, const ObservedObjects& observed) {
    const Split target = targetOf(record);
    if (splitOf(observed.route) != target)
        return diverged(target.text(), observed.route);
    const bool shadows = record.goal == Goal::Shadow;
    const std::string wanted =
        shadows ? mirrorText(fleet::Mirror{record.to.value_or(Version()), record.mirrorShare}) : std::string();
    if (const std::string now = mirrorText(observed.mirror); now != wanted)
        return {Phase::Diverged, fmt::format("The rollout record says {}, the platform says {}.", mirrorWords(wanted),
                                             mirrorWords(now))};
    switch (record.goal) {
    case Goal::Shadow:
        return shadowPhase(record, observed);
    case Goal::Step:
        if (record.hold != HoldReason::None)
            return {Phase::Held, holdWords(record)};
        return {Phase::Stepping,
                fmt::format("Step {} of {}: {} has {} %, {}.", record.step + 1, record.weights.size(),
                            versionName(record.to), wantedWeight(record).text(), replicaWords(observed, record.to))};
    case Goal::Promote:
        return {Phase::Done, fmt::format("{} is stable since its promotion.", versionName(record.to))};
    case Goal::Abort:
        return {Phase::Aborted,
                fmt::format("{} was aborted; {} has all traffic.", versionName(record.to), versionName(record.from))};
    case Goal::RollBack:
    case Goal::None:
        break;
    }
    return {Phase::RolledBack, fmt::format("Rolled back to {}.", versionName(record.to))};
}

} // namespace

PhaseVerdict phaseOf(const RolloutRecord& record, const ObservedObjects& observed) {
    if (record.revision == 0 || record.goal == Goal::None) {
        if (observed.route.canary)
            return diverged("that no rollout runs", observed.route);
        if (observed.mirror)
            return {Phase::Diverged, fmt::format("The rollout record says {}, the platform says {}.", mirrorWords({}),
                                                 mirrorWords(mirrorText(observed.mirror)))};
        return {Phase::Idle, "No rollout runs."};
    }
    if (!record.failure.empty())
        return {Phase::Failed, record.failure};
    return record.finished ? restingPhase(record, observed) : workingPhase(record, observed);
}

PhaseVerdict phaseOf(const fleet::ModelFacts& model) {
    ObservedObjects observed{model.route, {}, model.mirror};
    for (const fleet::VersionFacts& version : model.versions)
        observed.replicas[version.version] = version.replicas;
    return phaseOf(model.rollout, observed);
}

} // namespace perch::rollout
