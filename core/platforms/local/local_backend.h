#pragma once

#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_status.h"
#include "core/platforms/local/local_store.h"
#include "core/platforms/local/traffic_route.h"
#include "core/registry/registry.h"
#include "core/rollout/backend.h"

namespace perch::local {

/// The fields of the local platform, by name:
///   Deployment/<model>-<version>  replicas   a number; the supervisor starts and stops processes for it
///   Route/<model>                 split      `v1 90, v2 10`; in effect in HAProxy when the write returns
///   Mirror/<model>                target     `v2 10`, empty: none; in effect when every ready stable replica says so
///   Rollout/<model>               record     JSON of the rollout record
///   Alias/<model>                 <alias>    `v2`, empty: not set
/// Wanted state is written also while the supervisor is down; waiting for it then says so.
class LocalBackend final : public rollout::Backend {
public:
    /// Everything passed must outlive the backend.
    LocalBackend(LocalFiles files, LocalStore& store, registry::Registry& registry, const Clock& clock);

    Result<rollout::FieldState> read(const std::string& object, const std::string& field) override;
    Result<void> write(const rollout::Step& step, const rollout::Intent& intent) override;
    Result<void> awaitEffect(const rollout::Step& step, std::stop_token stop, SteadyTime deadline) override;

private:
    Result<rollout::FieldState> readDeployment(const std::string& name);
    Result<rollout::FieldState> readSplit(const ModelName& model);
    Result<void> scale(const std::string& name, const rollout::Step& step);
    Result<void> routeTraffic(const ModelName& model, const rollout::Step& step);
    Result<void> moveAlias(const ModelName& model, const rollout::Step& step, const rollout::Intent& intent);
    Result<std::optional<SplitTarget>> toTarget(const ModelName& model, const std::string& splitText);
    Result<bool> isEffective(const rollout::Step& step);
    Result<bool> isMirrored(const ModelName& model, const std::string& target);
    /// Nothing while the supervisor lives and what it wrote is too old to be relied on.
    Result<std::optional<LocalStatus>> liveStatus() const;

    LocalFiles m_files;
    LocalStore& m_store;
    registry::Registry& m_registry;
    const Clock& m_clock;
    TrafficRoute m_route;
};

} // namespace perch::local
