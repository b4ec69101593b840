#pragma once

#include "core/base/result.h"
#include "core/http/message.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace perch::http {

class Session;

/// A request as a handler sees it. The views live as long as the call of the handler.
class IncomingRequest {
public:
    std::string_view method;
    std::string_view path;  ///< still percent-encoded, without the query
    std::string_view query; ///< without the question mark
    std::string_view body;

    /// The value of a field, empty if absent.
    std::string_view header(std::string_view name) const;

private:
    friend class Session;
    const void* m_fields = nullptr;
};

/// An asynchronous HTTP/1.1 server on loopback or on a Unix socket (mode 0600). Connections are kept and requests may
/// be pipelined. The handler is called on one of `threads` workers, from several at once; it must be quick, because
/// other connections wait for the worker. Requests for which `slow` says yes run on separate threads instead, so that
/// they never delay the others; more than `slowLimit` of them at a time are answered with 429 and Retry-After.
/// Errors are answered with `{"error":{"code","message","where"}}`. A request that is too large, too slow or no HTTP
/// gets an answer too (413, 431, 408, 400) before its connection is closed.
class Server {
public:
    using Handler = std::function<Response(const IncomingRequest&)>;

    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;                     ///< 0: a free one, see `port()`
        std::filesystem::path unixSocket = {};      ///< if set, instead of address and port
        unsigned threads = 1;
        unsigned slowThreads = 1;
        std::size_t slowLimit = 64;
        std::size_t bodyLimit = std::size_t{1} << 20;
        /// At the limit the connections that have waited longest for a request are closed; where none is idle, further
        /// ones wait in the system's queue.
        std::size_t connectionLimit = 2'000;
        std::chrono::milliseconds requestDeadline{10'000}; ///< from its first byte until it is complete
        std::chrono::milliseconds writeDeadline{30'000};   ///< for an answer to be taken
        std::chrono::milliseconds idleDeadline{75'000};    ///< without a request
        std::function<bool(const IncomingRequest&)> slow = {};
        /// Told about requests that the handler never saw (413, 431, 408, 400, 429), for counting. Any thread.
        std::function<void(std::string_view path, int status)> onRefused = {};
    };

    /// Listens and serves at once. Unavailable with one sentence that names the port or the socket when it is taken;
    /// a socket file that nobody listens on is replaced.
    static Result<std::unique_ptr<Server>> start(Options options, Handler handler);
    /// Ends at once; call `drain` first to finish what is in flight.
    ~Server();

    std::uint16_t port() const;
    /// Stops accepting, finishes what has arrived, answers with `Connection: close`, closes connections that are quiet,
    /// and returns when none is left. False if some were cut at the deadline.
    bool drain(std::chrono::milliseconds deadline);
    bool draining() const;

private:
    friend class Session;
    class State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// The JSON answer to a failure; the status follows the code unless given.
Response errorResponse(const Error& error, int status = 0);

} // namespace perch::http
