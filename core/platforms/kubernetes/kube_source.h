#pragma once

#include "core/fleet/facts_source.h"
#include "core/platforms/kubernetes/cluster_reader.h"
#include "core/platforms/kubernetes/write_access.h"
#include "core/telemetry/live_quality.h"

#include <atomic>

namespace perch::kubernetes {

/// The facts of one namespace of a cluster: what runs there, and the live quantities of a Prometheus that scrapes it.
/// One thread at a time.
class KubeSource final : public fleet::FactsSource {
public:
    /// `prometheusUrl` may be empty: then there are no live quantities, which is said. `clock` must outlive it.
    /// Watched, and without live quantities, `read` gives the same snapshot again for a while where nothing happens.
    KubeSource(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl, Reading reading,
               const Clock& clock);

    fleet::SnapshotPtr read(std::stop_token stop) override;
    fleet::SnapshotPtr readObjects(std::stop_token stop) override;
    void onChange(std::function<void()> changed) override;

private:
    fleet::Snapshot objects(const std::stop_token& stop);
    void addChangeability(fleet::Snapshot& snapshot, const ClusterState& state, const std::stop_token& stop);
    void addQuality(fleet::Snapshot& snapshot, const std::stop_token& stop);

    const Clock& m_clock;
    WriteAccess m_access;
    const Reading m_reading;
    std::atomic<std::uint64_t> m_changes = 0; ///< counted by the watches, which end before it
    ClusterReader m_reader;
    std::optional<telemetry::LiveQuality> m_quality;
    SystemTime m_qualityReadAt{}, m_seriesReadAt{};
    std::uint64_t m_generation = 0;
    fleet::SnapshotPtr m_last;
    std::uint64_t m_changesOfLast = 0;
};

/// `production` or `staging` where the name of the context or of the namespace says so, as `prod-eu` or `ml-staging`
/// do, else `development`.
std::string environmentOf(std::string_view context, std::string_view nameSpace);

} // namespace perch::kubernetes
