#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The few fields of Kubernetes objects that the facts need, read once when an object comes in: a Pod of the API has 6
/// KB, one of these a few hundred bytes. What is missing is empty; only an object without name or uid is an error.
namespace perch::kubernetes {

/// Labels that say which model and version a Pod serves, and in which role.
inline constexpr const char* kModelLabel = "perch.dev/model";
inline constexpr const char* kVersionLabel = "perch.dev/version";
inline constexpr const char* kRoleLabel = "perch.dev/role";
/// Says who made an object.
inline constexpr const char* kManagerLabel = "app.kubernetes.io/managed-by";

using Labels = std::map<std::string, std::string>;

struct ObjectMeta {
    std::string name, nameSpace, uid;
    Labels labels;
    std::string controllerUid, controllerKind; ///< of the object that owns it; empty: nothing does
    SystemTime createdAt{};
    bool ending = false; ///< it has a deletion timestamp
};

struct DeploymentObject {
    ObjectMeta meta;
    Labels templateLabels;
    std::uint32_t replicas = 1;
    bool paused = false;
    std::string problem; ///< message of a condition that says that it does not progress
};

/// A ConfigMap that holds a rollout record.
struct RecordObject {
    ObjectMeta meta;
    std::string record; ///< JSON
};

struct ServiceObject {
    ObjectMeta meta;
    Labels selector;
};

/// An HTTPRoute of the Gateway API, as far as it divides traffic.
struct RouteObject {
    struct Backend {
        std::string service; ///< of this namespace; empty: something else
        std::uint32_t weight = 1;
    };
    ObjectMeta meta;
    std::vector<std::vector<Backend>> rules; ///< those with backends
};

struct ReplicaSetObject {
    ObjectMeta meta;
    Labels templateLabels;
    std::uint32_t replicas = 0, ready = 0;
    std::uint64_t revision = 0;
};

/// A condition, of a Pod or another object.
struct Condition {
    std::string type, status, reason, message;
};

struct ContainerState {
    std::string name;
    bool init = false;
    bool ready = false;
    bool started = false; ///< it runs
    std::uint32_t restarts = 0;
    std::string waitingReason, waitingMessage; ///< `CrashLoopBackOff`...
    std::optional<int> exitCode;               ///< of its last end
    std::string exitReason;                    ///< `OOMKilled`...
};

struct PodObject {
    ObjectMeta meta;
    std::string phase;           ///< `Pending`, `Running`, `Succeeded`, `Failed`
    std::string reason, message; ///< of an eviction
    std::string node;
    std::vector<Condition> conditions;
    std::vector<ContainerState> containers;

    const Condition* condition(std::string_view type) const;
    bool ready() const;
};

/// Empty if there is no such label.
std::string labelOf(const Labels& labels, const char* key);
/// The version that labels name; InvalidInput if they name none.
Result<Version> versionIn(const Labels& labels);
/// Whether a selector of equal labels selects these; an empty one selects all.
bool selects(const Labels& selector, const Labels& labels);

Result<ServiceObject> serviceOf(const nlohmann::json& object);
Result<RouteObject> routeOf(const nlohmann::json& object);
Result<RecordObject> recordOf(const nlohmann::json& object);
Result<DeploymentObject> deploymentOf(const nlohmann::json& object);
Result<ReplicaSetObject> replicaSetOf(const nlohmann::json& object);
Result<PodObject> podOf(const nlohmann::json& object);

} // namespace perch::kubernetes
