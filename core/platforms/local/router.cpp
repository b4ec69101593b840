#include "core/platforms/local/router.h"

#include "core/base/file.h"
#include "core/base/log.h"

#include <algorithm>
#include <csignal>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kSettledInterval = 500ms;
constexpr auto kBusyInterval = 20ms;

SupervisedProcess::Spec specOf(const LocalFiles& files, const LocalSettings& settings, const Programs& programs) {
    // -W: a master that reloads without losing a connection; -db: in the foreground.
    return {"haproxy",
            {{programs.haproxy.string(), "-W", "-db", "-f", "haproxy.cfg"}, files.haproxy(), files.log("haproxy")},
            settings.predictPort,
            settings.predictPort,
            "/healthz"};
}

} // namespace

Router::Router(LocalFiles files, const LocalSettings& settings, const Programs& programs, const Clock& clock)
    : m_files(files),
      m_socket(files.haproxySocket()),
      m_route(files),
      m_clock(clock),
      m_process(specOf(files, settings, programs), clock) {
    m_layout.predictPort = settings.predictPort;
    m_layout.metricsPort = settings.routerMetricsPort;
    m_layout.truthPort = settings.truthPort;
}

Result<void> Router::want(std::vector<RouterModel> models, std::vector<RouterServer> servers) {
    std::ranges::sort(servers);
    const bool newModels = models != m_layout.models;
    const bool newServers = servers != m_wanted;
    if (!newModels && !newServers && m_process.running())
        return {};
    m_layout.models = std::move(models);
    m_wanted = std::move(servers);
    m_layout.servers = m_wanted;
    m_settled = false;
    m_nextSync = {};
    TRY(writeFiles());
    if (newModels && m_process.running())
        m_process.signal(SIGUSR2);
    return {};
}

Result<void> Router::writeFiles() {
    if (!std::filesystem::exists(m_files.splitMap()))
        TRY(writeSplitMap(m_files.splitMap(), {}));
    TRY(writeFileAtomically(m_files.pathMap(), pathMapText(m_layout)));
    return writeFileAtomically(m_files.haproxyConfiguration(), haproxyConfiguration(m_layout));
}

void Router::advance() {
    m_process.advance();
    const SteadyTime now = m_clock.steadyNow();
    if (!m_process.running() || now < m_nextSync)
        return;
    const Result<void> synchronized = synchronize();
    m_known = synchronized.has_value();
    if (!synchronized) {
        m_settled = false;
        log::info("supervisor", "HAProxy: {}", synchronized.error().message);
    }
    m_nextSync = now + (m_settled ? kSettledInterval : kBusyInterval);
}

Result<void> Router::synchronize() {
    m_observed.clear();
    for (ObservedServer& server : TRY(m_socket.servers()))
        m_observed[server.server.path()] = server;
    m_sessions = TRY(m_socket.sessions());
    TRY(m_route.repair());
    m_splits = TRY(m_socket.splits());
    m_settled = true;
    for (const RouterServer& server : m_wanted)
        m_settled = TRY(bringTo(server)) && m_settled;
    return removeUnwanted();
}

/// Whether the server is as wanted already.
Result<bool> Router::bringTo(const RouterServer& wanted) {
    const auto observed = m_observed.find(wanted.path());
    if (observed == m_observed.end()) {
        if (wanted.state != RouterServer::State::Ready)
            return true;
        TRY(m_socket.addServer(wanted));
        return false;
    }
    if (observed->second.server.state != wanted.state) {
        TRY(m_socket.setState(wanted));
        return false;
    }
    return wanted.state == RouterServer::State::Ready ? observed->second.usable()
                                                      : !m_sessions.contains(wanted.path()) ||
                                                            m_sessions.at(wanted.path()) == 0;
}

Result<void> Router::removeUnwanted() {
    for (const auto& [path, observed] : m_observed) {
        const auto wanted = std::ranges::find(m_wanted, path, &RouterServer::path);
        if (wanted != m_wanted.end())
            continue;
        m_settled = false;
        RouterServer server = observed.server;
        if (server.state == RouterServer::State::Maintenance) {
            // A connection that still closes keeps it for a moment: the next round tries again.
            if (const auto removed = m_socket.removeServer(server);
                !removed && removed.error().code != ErrorCode::Conflict)
                return removed;
            continue;
        }
        server.state = RouterServer::State::Maintenance;
        TRY(m_socket.setState(server));
    }
    return {};
}

void Router::stop(std::chrono::milliseconds grace) {
    m_process.stop(grace);
}

bool Router::usable(const RouterServer& server) const {
    const auto observed = m_observed.find(server.path());
    return m_known && m_process.running() && observed != m_observed.end() && observed->second.usable();
}

bool Router::idle(const RouterServer& server) const {
    if (!m_process.running())
        return true;
    if (!m_known)
        return false;
    const auto observed = m_observed.find(server.path());
    if (observed == m_observed.end())
        return true;
    const auto sessions = m_sessions.find(server.path());
    return observed->second.server.state != RouterServer::State::Ready &&
           (sessions == m_sessions.end() || sessions->second == 0);
}

} // namespace perch::local
