#pragma once

#include <string>
#include <string_view>

namespace perch::kube {

/// A kind of objects as the API names it. The texts are literals.
struct Resource {
    std::string_view group; ///< empty for the core group
    std::string_view version;
    std::string_view plural;
    enum class Scope { Namespaced, Cluster } scope = Scope::Namespaced;

    bool operator==(const Resource&) const = default;
};

namespace resources {
inline constexpr Resource kPods{"", "v1", "pods"};
inline constexpr Resource kServices{"", "v1", "services"};
inline constexpr Resource kConfigMaps{"", "v1", "configmaps"};
inline constexpr Resource kEvents{"", "v1", "events"};
inline constexpr Resource kQuotas{"", "v1", "resourcequotas"};
inline constexpr Resource kNodes{"", "v1", "nodes", Resource::Scope::Cluster};
inline constexpr Resource kNamespaces{"", "v1", "namespaces", Resource::Scope::Cluster};
inline constexpr Resource kDeployments{"apps", "v1", "deployments"};
inline constexpr Resource kReplicaSets{"apps", "v1", "replicasets"};
inline constexpr Resource kAutoscalers{"autoscaling", "v2", "horizontalpodautoscalers"};
inline constexpr Resource kLeases{"coordination.k8s.io", "v1", "leases"};
inline constexpr Resource kRollouts{"argoproj.io", "v1alpha1", "rollouts"};
inline constexpr Resource kHttpRoutes{"gateway.networking.k8s.io", "v1", "httproutes"};
inline constexpr Resource kVirtualServices{"networking.istio.io", "v1", "virtualservices"};
inline constexpr Resource kInferenceServices{"serving.kserve.io", "v1beta1", "inferenceservices"};
} // namespace resources

/// `deployments.apps`, as kubectl writes it.
std::string nameOf(const Resource& resource);

/// `/apis/apps/v1/namespaces/models/deployments/churn/scale`; without a namespace that of all, or of one that belongs
/// to none. Names are encoded.
std::string pathOf(const Resource& resource, std::string_view nameSpace, std::string_view name = {},
                   std::string_view part = {});

} // namespace perch::kube
