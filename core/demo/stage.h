#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/demo/replayer.h"
#include "core/fleet/snapshot.h"
#include "core/platforms/local/local_platform.h"
#include "core/platforms/local/local_runtime.h"
#include "core/spec/model_spec.h"
#include "core/telemetry/prometheus_client.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace perch::demo {

/// The real parts that the story is played on: the local platform of a workspace with the demo's time factor, and the
/// traffic. Whatever was started is stopped when the object goes, on every path. One thread owns it.
class Stage {
public:
    /// Opens the workspace; starts nothing. `clock` must outlive it.
    static Result<std::unique_ptr<Stage>> open(const Workspace& workspace, const Clock& clock,
                                               const std::string& identity);
    ~Stage();

    /// Starts the platform for the model, whose registry has a champion; returns when all of it is ready.
    Result<void> raise(const spec::ModelSpec& spec, const std::function<void(const std::string&)>& progress,
                       std::stop_token stop);
    /// Starts the traffic; `raise` must have succeeded.
    void startTraffic(double requestsPerSecond, double labelDelayHours, std::uint64_t seed);
    /// Lets the alert rule compare the model's accuracy with another limit from now on.
    Result<void> setAlertLimit(double accuracy);

    local::LocalPlatform& platform() { return *m_platform; }
    Replayer& traffic() { return *m_traffic; }
    telemetry::PrometheusClient& prometheus() { return *m_prometheus; }

    fleet::SnapshotPtr read(std::stop_token stop) { return m_platform->facts().read(stop); }
    /// Whether an alert of the model fires now, as Prometheus says.
    Result<bool> fires(const std::string& alert, std::stop_token stop);

    /// Stops everything; the first error if something did not stop.
    Result<void> lower();

private:
    Stage(const Workspace& workspace, const Clock& clock, local::LocalRuntime runtime,
          std::unique_ptr<local::LocalPlatform> platform);

    Workspace m_workspace;
    const Clock* m_clock;
    std::unique_ptr<local::LocalPlatform> m_platform;
    local::LocalRuntime m_runtime;
    bool m_raised = false;
    std::string m_predictUrl;
    spec::ModelSpec m_spec;
    std::unique_ptr<telemetry::PrometheusClient> m_prometheus;
    std::unique_ptr<Replayer> m_traffic;
};

} // namespace perch::demo
