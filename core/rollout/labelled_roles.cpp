#include "core/rollout/labelled_roles.h"

#include "core/rollout/replica_ratio.h"

#include <algorithm>

namespace perch::rollout {

namespace {

using fleet::Role;
using fleet::VersionFacts;
using Goal = fleet::RolloutRecord::Goal;

/// The versions whose object has this label.
std::vector<Version> labelled(const fleet::ModelFacts& model, std::string_view label) {
    std::vector<Version> versions;
    for (const VersionFacts& version : model.versions) {
        if (!version.replicas.uid.empty() && version.roleLabel == label)
            versions.push_back(version.version);
    }
    return versions;
}

std::optional<Version> oneOf(const std::vector<Version>& versions, const std::optional<Version>& wanted) {
    return wanted && std::ranges::find(versions, *wanted) != versions.end() ? wanted : std::nullopt;
}

std::optional<Version> stableOf(const fleet::ModelFacts& model, const std::vector<Version>& candidates) {
    if (candidates.size() <= 1)
        return candidates.empty() ? std::nullopt : std::optional(candidates.front());
    const fleet::RolloutRecord& record = model.rollout;
    const bool forward = record.goal == Goal::Promote || record.goal == Goal::RollBack;
    return oneOf(candidates, forward ? record.to : record.from);
}

std::string ambiguous(const fleet::ModelFacts& model, const std::vector<Version>& candidates) {
    std::string names;
    for (const Version version : candidates)
        names += (names.empty() ? "" : " and ") + version.text();
    return fmt::format("{} could all be the stable version of {}: label all Deployments but one perch.dev/role=retired "
                       "or canary.",
                       names, model.model.text());
}

} // namespace

std::string assignRoles(fleet::ModelFacts& model) {
    std::vector<Version> candidates = labelled(model, "stable");
    if (candidates.empty())
        candidates = labelled(model, "");
    model.route.stable = stableOf(model, candidates);
    std::vector<Version> canaries = labelled(model, "canary");
    std::erase_if(canaries, [&](Version version) { return model.find(version)->replicas.desired == 0; });
    model.route.canary = oneOf(canaries, model.rollout.to);
    if (!model.route.canary && !canaries.empty())
        model.route.canary = canaries.front();
    std::uint32_t all = 0;
    for (const VersionFacts& version : model.versions)
        all += version.replicas.desired;
    for (VersionFacts& version : model.versions) {
        version.role = version.version == model.route.stable   ? Role::Stable
                       : version.version == model.route.canary ? Role::Canary
                                                               : Role::Retired;
        if (model.lever == fleet::Lever::Replicas && all > 0)
            version.wantedWeight = shareOf(version.replicas.desired, all);
    }
    const VersionFacts* canary = model.route.canary ? model.find(*model.route.canary) : nullptr;
    model.route.canaryWeight = canary != nullptr ? canary->wantedWeight.value_or(Percent()) : Percent();
    return candidates.size() > 1 && !model.route.stable ? ambiguous(model, candidates) : std::string();
}

} // namespace perch::rollout
