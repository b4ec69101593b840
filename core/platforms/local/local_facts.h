#pragma once

#include "core/fleet/facts_source.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_status.h"
#include "core/platforms/local/local_store.h"
#include "core/platforms/local/traffic_route.h"
#include "core/registry/registry.h"
#include "core/telemetry/live_quality.h"

#include <map>
#include <memory>

namespace perch::local {

/// The facts of the local platform: what the supervisor publishes, the route, the rollout records, the registry, and
/// the live quantities from its Prometheus. One thread at a time; `read` blocks for as long as Prometheus takes.
class LocalFacts final : public fleet::FactsSource {
public:
    /// Everything passed must outlive it.
    LocalFacts(LocalFiles files, LocalStore& store, registry::Registry& registry, const Clock& clock);

    fleet::SnapshotPtr read(std::stop_token stop) override;
    fleet::SnapshotPtr readObjects(std::stop_token stop) override;

private:
    /// Everything but the live quantities.
    fleet::Snapshot objects();
    Result<void> addModels(fleet::Snapshot& snapshot, const LocalStatus* status);
    Result<fleet::ModelFacts> modelFacts(const ModelName& name, const LocalStatus* status);
    Result<void> addVersions(fleet::ModelFacts& model, const LocalStatus* status);
    void addQuality(fleet::Snapshot& snapshot, std::stop_token stop);
    std::map<std::string, std::string> positives(const fleet::Snapshot& snapshot);
    telemetry::LiveQuality* liveQuality();

    LocalFiles m_files;
    LocalStore& m_store;
    registry::Registry& m_registry;
    const Clock& m_clock;
    TrafficRoute m_route;
    std::unique_ptr<telemetry::LiveQuality> m_quality;
    std::uint16_t m_qualityPort = 0; ///< of the Prometheus that m_quality asks
    Seconds m_qualityWindow{0};
    SystemTime m_platformStartedAt{};
    SystemTime m_seriesReadAt{};
    std::map<Digest, std::string> m_positives; ///< package -> its positive class
    std::uint64_t m_generation = 0;
};

} // namespace perch::local
