#include "core/platforms/kubernetes/kube_objects.h"

#include "core/base/json.h"
#include "core/kube/kube_time.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace perch::kubernetes {

namespace {

using nlohmann::json;

/// A field of an object, or null: servers leave out what is empty.
const json& at(const json& object, const char* field) {
    static const json kNothing;
    if (!object.is_object())
        return kNothing;
    const auto found = object.find(field);
    return found != object.end() ? *found : kNothing;
}

bool flagAt(const json& object, const char* field) {
    const json& value = at(object, field);
    return value.is_boolean() && value.get<bool>();
}

std::uint32_t countAt(const json& object, const char* field, std::uint32_t absent = 0) {
    const json& value = at(object, field);
    if (!value.is_number_integer())
        return absent;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, 1'000'000'000));
}

std::map<std::string, std::string> textsAt(const json& object, const char* field) {
    std::map<std::string, std::string> texts;
    const json& value = at(object, field);
    if (!value.is_object())
        return texts;
    for (const auto& [key, text] : value.items()) {
        if (text.is_string())
            texts[key] = text.get<std::string>();
    }
    return texts;
}

Result<ObjectMeta> metaOf(const json& object, std::string_view kind) {
    const json& metadata = at(object, "metadata");
    ObjectMeta meta{.name = jsonText(metadata, "name"),
                    .nameSpace = jsonText(metadata, "namespace"),
                    .uid = jsonText(metadata, "uid"),
                    .labels = textsAt(metadata, "labels"),
                    .ending = at(metadata, "deletionTimestamp").is_string()};
    if (meta.name.empty() || meta.uid.empty())
        return fail(ErrorCode::InvalidInput, "A {} of the API server has no name or no uid.", kind);
    meta.createdAt = kube::parseKubeTime(jsonText(metadata, "creationTimestamp")).value_or(SystemTime{});
    const json& owners = at(metadata, "ownerReferences");
    for (const json& owner : owners.is_array() ? owners : json::array()) {
        if (flagAt(owner, "controller")) {
            meta.controllerUid = jsonText(owner, "uid");
            meta.controllerKind = jsonText(owner, "kind");
        }
    }
    return meta;
}

std::vector<Condition> conditionsOf(const json& status) {
    std::vector<Condition> conditions;
    const json& list = at(status, "conditions");
    for (const json& entry : list.is_array() ? list : json::array())
        conditions.push_back({jsonText(entry, "type"), jsonText(entry, "status"), jsonText(entry, "reason"),
                              jsonText(entry, "message")});
    return conditions;
}

void addContainers(std::vector<ContainerState>& containers, const json& list, bool init) {
    for (const json& entry : list.is_array() ? list : json::array()) {
        const json& state = at(entry, "state");
        const json& waiting = at(state, "waiting");
        ContainerState container{.name = jsonText(entry, "name"),
                                 .init = init,
                                 .ready = flagAt(entry, "ready"),
                                 .started = at(state, "running").is_object(),
                                 .restarts = countAt(entry, "restartCount"),
                                 .waitingReason = jsonText(waiting, "reason"),
                                 .waitingMessage = jsonText(waiting, "message")};
        const json& now = at(state, "terminated");
        const json& ended = now.is_object() ? now : at(at(entry, "lastState"), "terminated");
        if (const json& code = at(ended, "exitCode"); code.is_number_integer()) {
            container.exitCode = static_cast<int>(std::clamp<std::int64_t>(code.get<std::int64_t>(), -1'000, 1'000));
            container.exitReason = jsonText(ended, "reason");
        }
        containers.push_back(std::move(container));
    }
}

/// Why a Deployment does not progress.
std::string problemOf(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
        const bool stuck = (condition.type == "Progressing" && condition.status == "False") ||
                           (condition.type == "ReplicaFailure" && condition.status == "True");
        if (stuck)
            return condition.message.empty() ? condition.reason : condition.message;
    }
    return {};
}

} // namespace

std::string labelOf(const Labels& labels, const char* key) {
    const auto found = labels.find(key);
    return found != labels.end() ? found->second : "";
}

Result<Version> versionIn(const Labels& labels) {
    return Version::parse(labelOf(labels, kVersionLabel));
}

bool selects(const Labels& selector, const Labels& labels) {
    return std::ranges::all_of(selector, [&](const auto& pair) {
        const auto found = labels.find(pair.first);
        return found != labels.end() && found->second == pair.second;
    });
}

const Condition* PodObject::condition(std::string_view type) const {
    const auto found = std::ranges::find(conditions, type, &Condition::type);
    return found != conditions.end() ? &*found : nullptr;
}

bool PodObject::ready() const {
    const Condition* const ready = condition("Ready");
    return ready != nullptr && ready->status == "True" && !meta.ending;
}

Result<DeploymentObject> deploymentOf(const json& object) {
    const json& spec = at(object, "spec");
    return DeploymentObject{.meta = TRY(metaOf(object, "Deployment")),
                            .templateLabels = textsAt(at(at(spec, "template"), "metadata"), "labels"),
                            .replicas = countAt(spec, "replicas", 1),
                            .paused = flagAt(spec, "paused"),
                            .problem = problemOf(conditionsOf(at(object, "status")))};
}

Result<ServiceObject> serviceOf(const json& object) {
    return ServiceObject{.meta = TRY(metaOf(object, "Service")), .selector = textsAt(at(object, "spec"), "selector")};
}

Result<RouteObject> routeOf(const json& object) {
    RouteObject route{.meta = TRY(metaOf(object, "HTTPRoute")), .rules = {}};
    const json& rules = at(at(object, "spec"), "rules");
    for (const json& rule : rules.is_array() ? rules : json::array()) {
        const json& backends = at(rule, "backendRefs");
        if (!backends.is_array() || backends.empty())
            continue;
        std::vector<RouteObject::Backend>& list = route.rules.emplace_back();
        for (const json& backend : backends) {
            const std::string kind = jsonText(backend, "kind"), group = jsonText(backend, "group"),
                              nameSpace = jsonText(backend, "namespace");
            const bool own = (kind.empty() || kind == "Service") && group.empty() &&
                             (nameSpace.empty() || nameSpace == route.meta.nameSpace);
            list.push_back({own ? jsonText(backend, "name") : std::string(), countAt(backend, "weight", 1)});
        }
    }
    return route;
}

Result<RecordObject> recordOf(const json& object) {
    return RecordObject{.meta = TRY(metaOf(object, "ConfigMap")), .record = jsonText(at(object, "data"), "record")};
}

Result<ReplicaSetObject> replicaSetOf(const json& object) {
    const json& spec = at(object, "spec");
    ReplicaSetObject set{.meta = TRY(metaOf(object, "ReplicaSet")),
                         .templateLabels = textsAt(at(at(spec, "template"), "metadata"), "labels"),
                         .replicas = countAt(spec, "replicas", 1),
                         .ready = countAt(at(object, "status"), "readyReplicas")};
    const std::string revision =
        jsonText(at(at(object, "metadata"), "annotations"), "deployment.kubernetes.io/revision");
    std::from_chars(revision.data(), revision.data() + revision.size(), set.revision);
    return set;
}

Result<PodObject> podOf(const json& object) {
    const json& status = at(object, "status");
    PodObject pod{.meta = TRY(metaOf(object, "Pod")),
                  .phase = jsonText(status, "phase"),
                  .reason = jsonText(status, "reason"),
                  .message = jsonText(status, "message"),
                  .node = jsonText(at(object, "spec"), "nodeName"),
                  .conditions = conditionsOf(status)};
    addContainers(pod.containers, at(status, "initContainerStatuses"), true);
    addContainers(pod.containers, at(status, "containerStatuses"), false);
    return pod;
}

} // namespace perch::kubernetes
