#pragma once

#include "core/platforms/kubernetes/kube_field.h"

namespace perch::kubernetes {

/// `Deployment/<name> role`: the label perch.dev/role of the Deployment itself. Its Pods keep theirs, so that nothing
/// restarts.
class RoleLabel final : public KubeField {
public:
    const kube::Resource& resource() const override { return kube::resources::kDeployments; }
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
};

} // namespace perch::kubernetes
