#pragma once

#include "core/platforms/local/haproxy_configuration.h"
#include "core/platforms/local/haproxy_socket.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_settings.h"
#include "core/platforms/local/programs.h"
#include "core/platforms/local/supervised_process.h"
#include "core/platforms/local/traffic_route.h"

#include <map>

namespace perch::local {

/// HAProxy as the supervisor runs it: its process, its files, and the servers behind it. Servers come and go through
/// the runtime socket; a new model needs a reload, which hands the listening sockets over and loses no request.
/// Advanced by the supervisor's loop; a call to the socket takes well under a millisecond while HAProxy runs.
class Router {
public:
    Router(LocalFiles files, const LocalSettings& settings, const Programs& programs, const Clock& clock);

    /// The models and servers that should be there. Servers that drain stay listed with State::Drain until they go.
    Result<void> want(std::vector<RouterModel> models, std::vector<RouterServer> servers);
    void advance();
    void stop(std::chrono::milliseconds grace);

    /// Takes requests now.
    bool usable(const RouterServer& server) const;
    /// Known to be without requests in hand: it drains and has none, or HAProxy does not have it.
    bool idle(const RouterServer& server) const;
    const SplitMap& splits() const { return m_splits; }
    const SupervisedProcess& process() const { return m_process; }

private:
    Result<void> writeFiles();
    Result<void> synchronize();
    Result<bool> bringTo(const RouterServer& wanted);
    Result<void> removeUnwanted();

    LocalFiles m_files;
    HaproxySocket m_socket;
    TrafficRoute m_route;
    const Clock& m_clock;
    SupervisedProcess m_process;
    RouterLayout m_layout;
    std::vector<RouterServer> m_wanted;
    std::map<std::string, ObservedServer> m_observed; ///< by server path
    std::map<std::string, std::uint64_t> m_sessions;
    SplitMap m_splits;
    SteadyTime m_nextSync{};
    bool m_settled = false;
    bool m_known = false; ///< HAProxy answered at the last try
};

} // namespace perch::local
