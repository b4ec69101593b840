#pragma once

#include "core/http/message.h"

#include <string>

namespace perch::http {

/// How an answer goes over the wire.
struct WireFormat {
    bool withBody = true; ///< false: the answer to HEAD, which announces a length but has no body
    bool keepAlive = true;
    unsigned version = 11; ///< of the request: 10 or 11
};

/// Replaces `output` with the bytes of an answer. Line breaks in header values become spaces.
void serialize(const Response& response, WireFormat format, std::string& output);

} // namespace perch::http
