#include "core/platforms/local/supervised_process.h"

#include "core/base/log.h"

#include <csignal>
#include <fstream>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstDelay = 100ms;
constexpr auto kLongestDelay = 10'000ms;
constexpr auto kStableAfter = 30s;       ///< a process that ran this long starts again without a delay
constexpr auto kProbeDeadline = 1s;
constexpr auto kProbeInterval = 1s;      ///< of a ready process; a starting one is probed all the time
constexpr int kFailedProbesAllowed = 3;
constexpr auto kReadyDeadline = 60s;     ///< a process that is not ready for this long is killed and started again

} // namespace

SupervisedProcess::SupervisedProcess(Spec spec, const Clock& clock)
    : m_spec(std::move(spec)),
      m_clock(clock),
      m_delay(kFirstDelay) {}

void SupervisedProcess::advance() {
    const SteadyTime now = m_clock.steadyNow();
    if (m_child) {
        if (const auto exit = m_child->poll())
            noteExit(*exit, now);
    }
    if (m_stopping) {
        if (m_child && now > m_killAt)
            m_child->signal(SIGKILL);
        return;
    }
    if (!m_child && now >= m_nextStart)
        start(now);
    if (m_child)
        probe(now);
}

void SupervisedProcess::start(SteadyTime now) {
    Result<ChildProcess> child = ChildProcess::start(m_spec.command);
    m_startedAt = m_clock.now();
    m_started = m_lastReady = now;
    m_probe.reset();
    m_nextProbe = now;
    m_failedProbes = 0;
    if (child) {
        m_child.emplace(std::move(*child));
        m_reason = "It is starting.";
        log::info("supervisor", "{} started as process {}", m_spec.name, m_child->pid());
        return;
    }
    m_reason = child.error().message;
    m_nextStart = now + m_delay;
    m_delay = std::min<std::chrono::milliseconds>(m_delay * 2, kLongestDelay);
    log::error("supervisor", "{} cannot start: {}", m_spec.name, m_reason);
}

void SupervisedProcess::noteExit(const ChildExit& exit, SteadyTime now) {
    m_child.reset();
    m_probe.reset();
    m_ready = false;
    if (m_stopping)
        return;
    const std::string line = lastLine(m_spec.command.log);
    m_reason = fmt::format("It {}{}", exit.text(), line.empty() ? "." : ": " + line);
    ++m_restarts;
    if (now - m_started > kStableAfter)
        m_delay = kFirstDelay;
    m_nextStart = now + m_delay;
    m_delay = std::min<std::chrono::milliseconds>(m_delay * 2, kLongestDelay);
    log::warning("supervisor", "{} {}", m_spec.name, exit.text());
}

void SupervisedProcess::probe(SteadyTime now) {
    if (!m_probe && now >= m_nextProbe) {
        m_probe.emplace(m_spec.probePort, m_spec.readyPath);
        m_probeStarted = now;
    }
    if (!m_probe)
        return;
    std::optional<int> status = m_probe->advance();
    if (!status && now - m_probeStarted > kProbeDeadline)
        status = 0;
    if (!status)
        return;
    m_probe.reset();
    if (*status == 200) {
        m_ready = true;
        m_failedProbes = 0;
        m_lastReady = now;
        m_nextProbe = now + kProbeInterval;
        return;
    }
    if (m_ready && ++m_failedProbes >= kFailedProbesAllowed) {
        m_ready = false;
        m_reason = *status == 0 ? "It does not answer." : fmt::format("It answers {} at {}.", *status, m_spec.readyPath);
    }
    if (!m_ready && now - m_lastReady > kReadyDeadline)
        m_child->signal(SIGKILL);
}

void SupervisedProcess::stop(std::chrono::milliseconds grace) {
    if (m_stopping)
        return;
    m_stopping = true;
    m_ready = false;
    m_killAt = m_clock.steadyNow() + grace;
    signal(SIGTERM);
}

void SupervisedProcess::signal(int number) const {
    if (m_child)
        m_child->signal(number);
}

fleet::Replica SupervisedProcess::facts() const {
    fleet::Replica facts;
    facts.name = m_spec.name;
    facts.port = m_spec.port;
    facts.processId = m_child ? m_child->pid() : 0;
    facts.restarts = m_restarts;
    facts.startedAt = m_startedAt;
    facts.state = m_stopping ? fleet::Replica::State::Draining
                  : m_ready  ? fleet::Replica::State::Ready
                  : m_child  ? fleet::Replica::State::Starting
                             : fleet::Replica::State::Crashed;
    if (!m_ready)
        facts.reason = m_stopping ? "It is being stopped." : m_reason;
    return facts;
}

std::string lastLine(const std::filesystem::path& log) {
    constexpr std::streamoff kTail = 2'000;
    std::ifstream stream(log, std::ios::binary | std::ios::ate);
    const std::streamoff size = stream ? static_cast<std::streamoff>(stream.tellg()) : 0;
    stream.seekg(std::max<std::streamoff>(0, size - kTail));
    std::string last;
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty())
            last = line;
    }
    return last;
}

} // namespace perch::local
