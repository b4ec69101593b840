#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/kubernetes/kube_objects.h"

#include <string>
#include <vector>

namespace perch::kubernetes {

/// What there is in one namespace, each kind by name.
struct KubeObjects {
    std::map<std::string, DeploymentObject> deployments;
    std::map<std::string, ReplicaSetObject> replicaSets;
    std::map<std::string, PodObject> pods;
    std::map<std::string, RecordObject> records;
    std::map<std::string, ServiceObject> services;
    std::map<std::string, RouteObject> routes;
};

/// A Deployment that wants to be a model and is none, and why.
struct NotAModel {
    std::string deployment, reason;
};

struct KubeFacts {
    std::vector<fleet::ModelFacts> models; ///< by name
    std::vector<NotAModel> refused;
};

/// The models of a namespace: Deployments with the label `perch.dev/model` (on the Deployment or its Pods), one or
/// several for each model. A version is a ReplicaSet with that label `perch.dev/version` (v3 or 3) that wants or has
/// Pods, or is that of a Deployment's template, also without replicas; so a rolling update shows both. The label
/// `perch.dev/role` of a Deployment says its role (rollout::assignRoles); the wanted weight is the share of replicas,
/// as plain Deployments behind one Service split. Where an HTTPRoute divides the traffic it goes before that
/// (addRouteFacts). The rollout record is that of the ConfigMap of its model. A model whose objects cannot be told
/// apart is fixed, and says why. Live values are left without data. Pure.
KubeFacts makeFacts(const KubeObjects& objects);

} // namespace perch::kubernetes
