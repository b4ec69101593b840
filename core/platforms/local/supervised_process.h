#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/local/child_process.h"
#include "core/platforms/local/readiness_probe.h"

namespace perch::local {

/// A process that is kept running: started, probed until it is ready, restarted with a growing delay when it ends.
/// Advanced by the supervisor's loop on its main thread; nothing here blocks but fork itself.
class SupervisedProcess {
public:
    struct Spec {
        std::string name;       ///< `churn-v2-0`, `prometheus`
        ChildCommand command;
        std::uint16_t port = 0;
        std::uint16_t probePort = 0;
        std::string readyPath;  ///< answers 200 when it is ready
    };

    SupervisedProcess(Spec spec, const Clock& clock);

    void advance();
    /// Asks it to end, and kills it after `grace`; it is not started again.
    void stop(std::chrono::milliseconds grace);
    void signal(int number) const;

    bool ready() const { return m_ready; }
    bool running() const { return m_child.has_value(); }
    /// Stopped on purpose and gone.
    bool ended() const { return m_stopping && !m_child; }
    /// Name, state, pid, port, restarts, start time and why it is not ready.
    fleet::Replica facts() const;

private:
    void start(SteadyTime now);
    void noteExit(const ChildExit& exit, SteadyTime now);
    void probe(SteadyTime now);

    Spec m_spec;
    const Clock& m_clock;
    std::optional<ChildProcess> m_child;
    std::optional<ReadinessProbe> m_probe;
    SteadyTime m_probeStarted{}, m_nextProbe{}, m_nextStart{}, m_started{}, m_lastReady{}, m_killAt{};
    SystemTime m_startedAt{};
    std::chrono::milliseconds m_delay;
    int m_failedProbes = 0;
    std::uint32_t m_restarts = 0;
    bool m_ready = false;
    bool m_stopping = false;
    std::string m_reason = "It has not been started yet.";
};

/// The last line of a log, for the reason why a process ended; empty if there is none.
std::string lastLine(const std::filesystem::path& log);

} // namespace perch::local
