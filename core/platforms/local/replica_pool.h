#pragma once

#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_status.h"
#include "core/platforms/local/local_store.h"
#include "core/platforms/local/monitoring.h"
#include "core/platforms/local/programs.h"
#include "core/platforms/local/router.h"
#include "core/platforms/local/supervised_process.h"

#include <memory>
#include <set>

namespace perch::local {

/// The serving processes of all versions. Brought to the wanted deployments: started when there are too few; when there
/// are too many they drain behind HAProxy first, then end. Advanced by the supervisor's loop.
class ReplicaPool {
public:
    ReplicaPool(LocalFiles files, const LocalSettings& settings, const Programs& programs, const Clock& clock);

    Result<void> reconcile(const std::vector<DeployedModel>& models, const std::vector<Deployment>& deployments);
    void advance(const Router& router);
    void stopAll(std::chrono::milliseconds grace);
    bool empty() const { return m_replicas.empty(); }

    /// What HAProxy should have now.
    std::vector<RouterServer> routerServers() const;
    std::vector<ScrapeTarget> scrapeTargets() const;
    std::vector<ReplicaStatus> statuses(const Router& router) const;

private:
    struct Replica {
        enum class Stage { Serving, Draining, Leaving };
        ModelName model;
        Version version;
        std::uint32_t index = 0;
        RouterServer server;
        int slot = 0;
        std::uint16_t metricsPort = 0;
        std::unique_ptr<SupervisedProcess> process;
        Stage stage = Stage::Serving;
        SteadyTime drainUntil{};
        bool introduced = false; ///< has been ready once, so that HAProxy has it
    };

    Result<void> start(const DeployedModel& model, const Deployment& deployment, std::uint32_t index);
    Result<std::uint16_t> takePort();
    Replica* find(const Deployment& deployment, std::uint32_t index);

    LocalFiles m_files;
    LocalSettings m_settings;
    Programs m_programs;
    const Clock& m_clock;
    std::vector<Replica> m_replicas;
};

} // namespace perch::local
