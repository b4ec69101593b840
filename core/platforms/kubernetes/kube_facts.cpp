#include "core/platforms/kubernetes/kube_facts.h"

#include "core/base/utf8.h"
#include "core/platforms/kubernetes/pod_reason.h"
#include "core/platforms/kubernetes/rollout_record_map.h"
#include "core/platforms/kubernetes/route_facts.h"
#include "core/rollout/labelled_roles.h"
#include "core/rollout/record_json.h"

#include <algorithm>
#include <unordered_map>

namespace perch::kubernetes {

namespace {

using fleet::Role;
using fleet::VersionFacts;

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
void addVersions(std::map<Version, VersionFacts>& versions, fleet::ModelFacts& model,
                 const DeploymentObject& deployment, const SetsByOwner& sets, const PodsByOwner& pods) {
    const Version own = *versionIn(deployment.templateLabels);
    VersionFacts& now = versions[own];
    if (!now.replicas.uid.empty() && model.whyFixed.empty())
        model.whyFixed =
            fmt::format("{} and Deployment/{} both serve {}: Perch changes one Deployment for each version.",
                        now.replicas.object, deployment.meta.name, own.text());
    if (const std::string& owner = deployment.meta.controllerKind; !owner.empty() && model.whyFixed.empty()) {
        model.owner = owner;
        model.whyFixed =
            fmt::format("Deployment/{} belongs to an object of the kind {}, which would undo every change.",
                        deployment.meta.name, shownText(owner));
    }
    now.roleLabel = labelOf(deployment.meta.labels, kRoleLabel);
    now.replicas.uid = deployment.meta.uid;
    now.replicas.object = "Deployment/" + deployment.meta.name;
    now.replicas.desired += deployment.replicas;
    for (const ReplicaSetObject* set : ownedBy(sets, deployment.meta.uid)) {
        const Result<Version> version = versionIn(set->templateLabels);
        const auto& held = ownedBy(pods, set->meta.uid);
        if (!version || (*version != own && set->replicas == 0 && held.empty()))
            continue;
        // In a rolling update the old template still serves, but its Deployment has moved on.
        fleet::Replicas& replicas = versions[*version].replicas;
        if (*version != own)
            replicas.desired += set->replicas;
        addPods(replicas, held);
    }
}

/// The record of a rollout, if there is one.
void addRecord(fleet::ModelFacts& model, const std::map<std::string, RecordObject>& records) {
    model.rolloutObject = recordObjectOf(model.model);
    const auto found = records.find(model.rolloutObject.substr(model.rolloutObject.find('/') + 1));
    if (found == records.end())
        return;
    model.rolloutUid = found->second.meta.uid;
    if (Result<fleet::RolloutRecord> record = rollout::parseRecord(found->second.record))
        model.rollout = *std::move(record);
    else
        model.whyFixed = fmt::format("{} cannot be read: {} Delete it, and Perch goes by the roles of the Deployments.",
                                     model.rolloutObject, record.error().message);
}

/// The Deployment of stable is what the route of a model without a router is called by.
void addRoute(fleet::ModelFacts& model) {
    const std::string ambiguous = rollout::assignRoles(model);
    if (model.whyFixed.empty())
        model.whyFixed = ambiguous;
    const auto named = [](const VersionFacts* version) { return version != nullptr && !version->replicas.uid.empty(); };
    const VersionFacts* stable = model.withRole(Role::Stable);
    if (!named(stable)) {
        const auto first = std::ranges::find_if(model.versions, [&](const VersionFacts& one) { return named(&one); });
        stable = first == model.versions.end() ? nullptr : &*first;
    }
    if (stable == nullptr)
        return;
    model.route.object = stable->replicas.object;
    model.route.uid = stable->replicas.uid;
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
    std::map<ModelName, std::vector<const DeploymentObject*>> own;
    for (const auto& [deploymentName, deployment] : objects.deployments) {
        if (modelLabelOf(deployment).empty())
            continue;
        if (std::string refusal = refusalOf(deployment); !refusal.empty()) {
            facts.refused.push_back({deploymentName, std::move(refusal)});
            continue;
        }
        const ModelName name = *ModelName::parse(modelLabelOf(deployment));
        fleet::ModelFacts& model = models[name];
        model.model = name;
        model.backend = "deployments";
        model.lever = fleet::Lever::Replicas;
        model.keeper = fleet::Keeper::Objects;
        addVersions(versions[name], model, deployment, sets, pods);
        own[name].push_back(&deployment);
    }
    for (auto& [name, model] : models) {
        for (auto& [version, found] : versions[name]) {
            found.version = version;
            std::ranges::sort(found.replicas.items, {}, &fleet::Replica::name);
            model.versions.push_back(std::move(found));
        }
        addRecord(model, objects.records);
        addRoute(model);
        addRouteFacts(model, own[name], objects);
        std::ranges::sort(model.versions, standsBefore);
        facts.models.push_back(std::move(model));
    }
    return facts;
}

} // namespace perch::kubernetes
