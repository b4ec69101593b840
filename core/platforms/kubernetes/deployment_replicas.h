#pragma once

#include "core/platforms/kubernetes/kube_field.h"

namespace perch::kubernetes {

/// `Deployment/<name> replicas`: the number that a Deployment wants. In effect when that many Pods of its template are
/// ready and no more run. A Deployment `<model>-<version>` that is not there is made as a copy of the one that the
/// step's first precondition names (core/platforms/kubernetes/version_clone.h).
class DeploymentReplicas final : public KubeField {
public:
    const kube::Resource& resource() const override { return kube::resources::kDeployments; }
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    std::string valueOfNothing() const override { return "0"; }
    /// Conflict when the step is to make the Deployment and there is one that serves something else.
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
    Result<nlohmann::json> make(ObjectWriter& writer, rollout::Step& step,
                                const rollout::Intent& intent) const override;
    /// Says which Pods do not serve, and why.
    Result<std::string> whyNotYet(ObjectWriter& writer, const rollout::Step& step) const override;
};

} // namespace perch::kubernetes
