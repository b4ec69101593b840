#pragma once

#include "core/platforms/kubernetes/deployment_replicas.h"
#include "core/platforms/kubernetes/http_route_fields.h"
#include "core/platforms/kubernetes/role_label.h"
#include "core/platforms/kubernetes/rollout_record_map.h"

namespace perch::kubernetes {

/// The fields of a namespace of a cluster, by name:
///   Deployment/<name>                 replicas   a number, see DeploymentReplicas
///   Deployment/<name>                 role       `stable`, see RoleLabel
///   ConfigMap/perch-rollout-<model>   record     JSON of the rollout record
///   Service/<name>                    version    `v1`, and for an
///   HTTPRoute/<name>                  backends, split, see core/platforms/kubernetes/http_route_fields.h
/// A write is a JSON patch that the server takes only if the object is the same one and the field still is as it was;
/// what is there already is not written. Conflict says what is there now. One thread at a time.
class KubeBackend final : public rollout::Backend {
public:
    /// `clock` must outlive it.
    KubeBackend(std::shared_ptr<kube::ApiSession> session, const Clock& clock);

    Result<rollout::FieldState> read(const std::string& object, const std::string& field) override;
    Result<void> write(const rollout::Step& step, const rollout::Intent& intent) override;
    Result<void> awaitEffect(const rollout::Step& step, std::stop_token stop, SteadyTime deadline) override;
    /// Every step whose object the plan has not written before is sent as a dry run.
    Result<void> tryOut(rollout::Plan& plan, std::stop_token stop) override;
    std::chrono::seconds replicasDeadline() const override;

private:
    Result<const KubeField*> fieldOf(const std::string& object, const std::string& field) const;
    Result<void> prepare(const KubeField& kind, const rollout::Step& step, const rollout::Intent& intent);
    Result<void> create(const KubeField& kind, const rollout::Step& step, const rollout::Intent& intent);
    Result<void> sayWhatIsThere(const KubeField& kind, const rollout::Step& step, Error refusal);
    Result<std::optional<Error>> tryStep(rollout::Step& step, const rollout::Intent& intent,
                                         const std::stop_token& stop);

    const Clock& m_clock;
    ObjectWriter m_writer;
    DeploymentReplicas m_replicas;
    RoleLabel m_role;
    RolloutRecordMap m_record;
    ServiceVersionField m_serviceVersion;
    HttpRouteBackends m_routeBackends;
    HttpRouteSplit m_routeSplit;
};

} // namespace perch::kubernetes
