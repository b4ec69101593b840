#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/kubernetes/kube_objects.h"
#include "core/rollout/split.h"

#include <optional>
#include <span>
#include <string>

/// How an HTTPRoute divides the traffic of a model: pure, for the facts and for the backend alike.
namespace perch::kubernetes {

/// A version of a Service.
struct ServiceVersion {
    Version version;
    bool own = false; ///< its selector names the version, so that no Pod of another one is selected
};

/// The version whose Pods a Service selects: the one that its selector names, else the only Deployment's that it
/// selects and that is neither canary nor retired. Nothing if there is none, or if it cannot be told.
std::optional<ServiceVersion> versionOf(const ServiceObject& service, std::span<const DeploymentObject* const> model);

/// The share of each backend of a rule, in the order of the rule; zero for all where all weights are zero.
std::vector<Percent> sharesOf(const std::vector<RouteObject::Backend>& rule);

/// The split that a rule means, as the text of rollout::Split, and empty where it sends nothing anywhere. `versions`:
/// of each backend. InvalidInput where more than two versions get traffic, or a backend that is no version does.
Result<std::string> splitOfRule(const std::vector<RouteObject::Backend>& rule,
                                const std::vector<std::optional<Version>>& versions,
                                const std::optional<Version>& stable);

} // namespace perch::kubernetes
