#pragma once

#include "core/base/result.h"
#include "core/platforms/local/haproxy_configuration.h"
#include "core/platforms/local/split_target.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace perch::local {

/// What HAProxy itself says about one of its servers.
struct ObservedServer {
    RouterServer server;
    bool operational = false; ///< its checks pass
    bool usable() const { return operational && server.state == RouterServer::State::Ready; }
};

/// HAProxy's runtime socket: one connection per command, each with a deadline. Unavailable that names the socket when
/// HAProxy does not run. Has no state of its own: safe from any thread.
class HaproxySocket {
public:
    explicit HaproxySocket(std::filesystem::path socket) : m_socket(std::move(socket)) {}

    /// Sends one command line and returns the whole answer.
    Result<std::string> command(std::string_view line) const;

    Result<SplitMap> splits() const;
    /// Sets the split of a model in the map of the running HAProxy and reads it back: Internal if it is another one.
    Result<void> setSplit(const ModelName& model, const SplitTarget& target) const;

    Result<std::vector<ObservedServer>> servers() const;
    Result<void> addServer(const RouterServer& server) const;
    Result<void> setState(const RouterServer& server) const;
    /// The server must be in maintenance. Conflict while a connection of it is open: try again.
    Result<void> removeServer(const RouterServer& server) const;
    /// Requests in hand per server path (`churn.0/churn-v1-0`).
    Result<std::map<std::string, std::uint64_t>> sessions() const;

private:
    std::filesystem::path m_socket;
};

} // namespace perch::local
