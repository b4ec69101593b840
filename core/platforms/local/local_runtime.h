#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/platforms/local/local_status.h"
#include "core/platforms/local/programs.h"
#include "core/spec/model_spec.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <sys/types.h>
#include <vector>

namespace perch::local {

/// What `up` is asked for; what is left out stays as it was, or gets the default at the first time.
struct UpOptions {
    std::vector<spec::ModelSpec> specs = {};      ///< limits, path, replicas and steps of these models
    std::optional<std::uint32_t> replicas = {};   ///< of a version that takes traffic
    std::optional<std::uint16_t> port = {};       ///< of the models' address; a free one is chosen and kept otherwise
    std::optional<double> timeFactor = {};
    std::optional<std::string> environment = {};
    pid_t owner = 0;                              ///< the platform ends with this process; 0: it stays
};

/// Starts and stops the local platform of a workspace: it writes the wanted state and starts the supervisor, a detached
/// process that does the rest. Starting twice is starting once.
class LocalRuntime {
public:
    /// `clock` must outlive it.
    static Result<LocalRuntime> open(const Workspace& workspace, const Clock& clock);

    /// Every model of the registry that has a champion gets its stable version; returns when all of it is ready.
    /// `progress` gets one line at each change. Unavailable or Timeout with the reason of what is not ready, or with the
    /// name of a program that is not installed.
    Result<LocalStatus> up(const UpOptions& options, const std::function<void(const std::string&)>& progress,
                           std::stop_token stop);
    /// NotFound when it does not run.
    Result<LocalStatus> status() const;
    /// Ends the supervisor and everything it started, and waits until they are gone. True if something ran.
    Result<bool> down(std::stop_token stop);

private:
    LocalRuntime(Workspace workspace, const Clock& clock);
    Result<void> writeWantedState(const UpOptions& options);
    Result<void> writeSettings(const UpOptions& options);
    Result<pid_t> startSupervisor(const Programs& programs, pid_t owner);
    bool supervisorRuns() const;

    Workspace m_workspace;
    const Clock* m_clock;
};

} // namespace perch::local
