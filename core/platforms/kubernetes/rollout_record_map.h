#pragma once

#include "core/platforms/kubernetes/kube_field.h"

namespace perch::kubernetes {

/// The label of the ConfigMaps that hold rollout records.
inline constexpr const char* kRecordLabel = "perch.dev/record";

/// `ConfigMap/perch-rollout-churn`
std::string recordObjectOf(const ModelName& model);

/// `ConfigMap/perch-rollout-<model> record`: the rollout record as one JSON text, changed only from what it was.
class RolloutRecordMap final : public KubeField {
public:
    const kube::Resource& resource() const override { return kube::resources::kConfigMaps; }
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
    Result<nlohmann::json> make(ObjectWriter& writer, rollout::Step& step,
                                const rollout::Intent& intent) const override;
};

} // namespace perch::kubernetes
