#pragma once

#include "core/base/result.h"
#include "core/http/message.h"
#include "core/http/tls.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace perch::http {

struct Request {
    std::string method = "GET";
    std::string url; ///< `http://127.0.0.1:9090/api/v1/query`, or https
    Headers headers = {};
    std::string body = {};
    std::chrono::milliseconds deadline{10'000}; ///< for the whole exchange
    std::filesystem::path unixSocket = {};      ///< if set, the connection goes there; the URL's host is only a name
};

/// Where the bytes of an answer go while they come, on the thread of the caller; first, when the answer has begun,
/// nothing. Its error ends the transfer.
using ByteSink = std::function<Result<void>(std::string_view bytes)>;

/// A blocking HTTP client that keeps its connections open; HTTP/2 where a TLS server offers it, else HTTP/1.1. One per
/// thread; nothing is shared between two. `send` gives every complete answer, whatever its status; redirects are not
/// followed and no environment proxy is used. Errors name host and port (or the socket): Unavailable when nobody
/// listens, the name is unknown or the connection breaks; Timeout when a deadline passes; Denied when the other side's
/// certificate does not prove who it is; InvalidInput for a URL that is none, keys that cannot be read or an answer
/// above `bodyLimit`; Cancelled soon after `stop` is requested. It sends a request once: only when a kept connection
/// turns out to be closed before a byte of the answer came does it connect anew.
class Client {
public:
    struct Options {
        std::chrono::milliseconds connectDeadline{2'000}; ///< name, connection and TLS
        std::size_t bodyLimit = std::size_t{64} << 20;    ///< as it is after decompression
        Tls tls = {};
        std::string proxy = {};   ///< `http://host:port`, or https, socks5h; empty: none
        std::string noProxy = {}; ///< hosts and networks that are asked without it, divided by commas
        bool compressed = false;  ///< offers gzip; answers come out of it as they were
    };

    Client() : Client(Options{}) {}
    explicit Client(Options options);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    Result<Response> send(const Request& request, std::stop_token stop = {});
    /// As `send`, but the body of a good answer (2xx) goes to `sink` piece by piece and without a limit; the body of
    /// another is in the answer. An error of the sink is returned as it is.
    Result<Response> stream(const Request& request, const ByteSink& sink, std::stop_token stop = {});

private:
    Result<Response> exchange(const Request& request, const ByteSink* sink, const std::stop_token& stop);

    struct State;
    std::unique_ptr<State> m_state;
};

/// How `retry` waits: the delay doubles from `first` up to `longest`.
struct Backoff {
    int attempts = 4;
    std::chrono::milliseconds first{50};
    std::chrono::milliseconds longest{2'000};
};

/// Sends an idempotent request until an answer comes that is not 502, 503 or 504. Unavailable and Timeout are tried
/// again, other errors are not. Returns the last answer or error.
Result<Response> retry(Client& client, const Request& request, const Backoff& backoff = {}, std::stop_token stop = {});

/// Waits, but not longer than until `stop`; false if stopped.
bool pause(std::chrono::milliseconds duration, std::stop_token stop);

} // namespace perch::http
