#pragma once

#include "core/base/result.h"

#include <chrono>
#include <string>

namespace perch::http {

struct Request;

/// How a transfer ended that brought no answer.
struct TransferFailure {
    int code = 0;           ///< libcurl's
    std::string detail;     ///< libcurl's words, empty if it has none
    bool connected = false; ///< name, connection and TLS were done
    std::chrono::milliseconds connectDeadline{0};
    std::string proxy; ///< URL; empty: there is none
};

/// The sentence for a person: names host and port (or the socket, or the proxy), and the deadline that passed. Denied
/// for a certificate that does not prove who answers, InvalidInput for keys and authorities that cannot be read.
Error transferError(const Request& request, const TransferFailure& failure);

/// `127.0.0.1:9090` or the socket's path: whom a request is for.
std::string peerOf(const Request& request);

} // namespace perch::http
