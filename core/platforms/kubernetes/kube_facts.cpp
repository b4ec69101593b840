#include "core/platforms/kubernetes/kube_facts.h"

#include "core/base/utf8.h"
#include "core/platforms/kubernetes/pod_reason.h"

#include <algorithm>
#include <unordered_map>

namespace perch::kubernetes {

namespace {

using fleet::Role;
using fleet::VersionFacts;
using Labels = std::map<std::string, std::string>;

std::string labelOf(const Labels& labels, const char* key) {
    const auto found = labels.find(key);
    return found != labels.end() ? found->second : "";
}

/// The Pods of each ReplicaSet, by its uid.
using PodsByOwner = std::unordered_map<std::string, std::vector<const PodObject*>>;
using SetsByOwner = std::unordered_map<std::string, std::vector<const ReplicaSetObject*>>;

template <typename Object>
std::unordered_map<std::string, std::vector<const Object*>> byOwner(const std::map<std::string, Object>& objects) {
    std::unordered_map<std::string, std::vector<const Object*>> owned;
    for (const auto& [name, object] : objects) {
        if (!object.meta.controllerUid.empty())
            owned[object.meta.controllerUid].push_back(&object);
    }
    return owned;
}

template <typename Object>
const std::vector<const Object*>& ownedBy(const std::unordered_map<std::string, std::vector<const Object*>>& owned,
                                          const std::string& uid) {
    static const std::vector<const Object*> kNone;
    const auto found = owned.find(uid);
    return found != owned.end() ? found->second : kNone;
}

void addPods(fleet::Replicas& replicas, const std::vector<const PodObject*>& pods) {
    for (const PodObject* pod : pods) {
        replicas.items.push_back(replicaOf(*pod));
        replicas.running += pod->phase == "Running" && !pod->meta.ending ? 1 : 0;
        replicas.ready += pod->ready() ? 1 : 0;
    }
}

/// Adds what one Deployment runs to the versions of its model.
void addVersions(std::map<Version, VersionFacts>& versions, const DeploymentObject& deployment, Role role,
                 const SetsByOwner& sets, const PodsByOwner& pods) {
    const auto& own = ownedBy(sets, deployment.meta.uid);
    std::uint64_t newest = 0;
    for (const ReplicaSetObject* set : own)
        newest = std::max(newest, set->revision);
    for (const ReplicaSetObject* set : own) {
        const Result<Version> version = Version::parse(labelOf(set->templateLabels, kVersionLabel));
        const auto& held = ownedBy(pods, set->meta.uid);
        const bool current = set->revision == newest;
        if (!version || (!current && set->replicas == 0 && held.empty()))
            continue;
        VersionFacts& facts = versions[*version];
        facts.version = *version;
        // In a rolling update the old template still serves, but its Deployment has moved on.
        if (current) {
            facts.role = role;
            facts.replicas.uid = deployment.meta.uid;
        }
        facts.replicas.desired += set->replicas;
        addPods(facts.replicas, held);
    }
}

/// Without a router, traffic follows the number of replicas.
void addWeights(fleet::ModelFacts& model) {
    const VersionFacts* const stable = model.withRole(Role::Stable);
    const VersionFacts* const canary = model.withRole(Role::Canary);
    if (stable != nullptr)
        model.route.stable = stable->version;
    if (canary != nullptr)
        model.route.canary = canary->version;
    std::uint64_t all = 0;
    for (const VersionFacts& version : model.versions)
        all += version.replicas.desired;
    if (all == 0)
        return;
    for (VersionFacts& version : model.versions) {
        const std::uint64_t points = (version.replicas.desired * std::uint64_t{10'000} + all / 2) / all;
        version.wantedWeight = Percent::fromBasisPoints(static_cast<int>(points));
        if (&version == canary)
            model.route.canaryWeight = *version.wantedWeight;
    }
}

bool standsBefore(const VersionFacts& left, const VersionFacts& right) {
    return std::pair(static_cast<int>(left.role), right.version) <
           std::pair(static_cast<int>(right.role), left.version);
}

/// The model that a Deployment says it is; empty if it says nothing.
std::string modelLabelOf(const DeploymentObject& deployment) {
    std::string name = labelOf(deployment.meta.labels, kModelLabel);
    return name.empty() ? labelOf(deployment.templateLabels, kModelLabel) : name;
}

/// Why a Deployment with the label of a model cannot be shown as one; empty if it can.
std::string refusalOf(const DeploymentObject& deployment) {
    const Result<ModelName> name = ModelName::parse(modelLabelOf(deployment));
    if (!name)
        return fmt::format("Its label {} is no name of a model: {}", kModelLabel, name.error().message);
    const std::string version = labelOf(deployment.templateLabels, kVersionLabel);
    if (version.empty())
        return fmt::format("Its Pods have no label {}.", kVersionLabel);
    if (const Result<Version> parsed = Version::parse(version); !parsed)
        return fmt::format("The label {} of its Pods is no version: {}", kVersionLabel, parsed.error().message);
    return "";
}

} // namespace

KubeFacts makeFacts(const KubeObjects& objects) {
    const SetsByOwner sets = byOwner(objects.replicaSets);
    const PodsByOwner pods = byOwner(objects.pods);
    KubeFacts facts;
    std::map<ModelName, std::map<Version, VersionFacts>> versions;
    std::map<ModelName, fleet::ModelFacts> models;
    for (const auto& [deploymentName, deployment] : objects.deployments) {
        if (modelLabelOf(deployment).empty())
            continue;
        if (std::string refusal = refusalOf(deployment); !refusal.empty()) {
            facts.refused.push_back({deploymentName, std::move(refusal)});
            continue;
        }
        const ModelName name = *ModelName::parse(modelLabelOf(deployment));
        const bool canary = labelOf(deployment.meta.labels, kRoleLabel) == "canary";
        fleet::ModelFacts& model = models[name];
        model.model = name;
        model.backend = "deployments";
        if (!canary || model.route.object.empty()) {
            model.route.object = "Deployment/" + deployment.meta.name;
            model.route.uid = deployment.meta.uid;
        }
        addVersions(versions[name], deployment, canary ? Role::Canary : Role::Stable, sets, pods);
    }
    for (auto& [name, model] : models) {
        for (auto& [version, found] : versions[name]) {
            std::ranges::sort(found.replicas.items, {}, &fleet::Replica::name);
            model.versions.push_back(std::move(found));
        }
        std::ranges::sort(model.versions, standsBefore);
        addWeights(model);
        facts.models.push_back(std::move(model));
    }
    return facts;
}

} // namespace perch::kubernetes
