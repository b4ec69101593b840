#pragma once

#include "core/platforms/kubernetes/kube_field.h"

/// The fields through which plans move traffic by an HTTPRoute of the Gateway API. Its one rule with backends names a
/// Service for each version.
namespace perch::kubernetes {

/// `Service/<name> version`: the version that the selector of a Service names, `v1`; empty: none.
class ServiceVersionField final : public KubeField {
public:
    const kube::Resource& resource() const override { return kube::resources::kServices; }
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
};

/// What is in effect when the gateways of the route say that they have taken it as it is now; where none has the route,
/// at once.
class HttpRouteField : public KubeField {
public:
    const kube::Resource& resource() const final { return kube::resources::kHttpRoutes; }
    Result<std::string> whyNotYet(ObjectWriter& writer, const rollout::Step& step) const final;
};

/// `HTTPRoute/<name> backends`: the Services that the rule names, in order, `churn, churn-v2`. One that is added gets
/// the weight 0, and is made as a copy of the Service that the step's first precondition names where it is not there:
/// `<model>-v2` selects what that one does, of version v2 only.
class HttpRouteBackends final : public HttpRouteField {
public:
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    Result<void> prepare(ObjectWriter& writer, rollout::Step& step, const rollout::Intent& intent,
                         DryRun dryRun) const override;
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
};

/// `HTTPRoute/<name> split`: `v1 90, v2 10`, written as weights of the rule's backends: of 100 where all are whole
/// percents, else of 10,000.
class HttpRouteSplit final : public HttpRouteField {
public:
    Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const override;
    Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                   const rollout::Step& step) const override;
};

} // namespace perch::kubernetes
