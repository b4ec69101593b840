#pragma once

#include "core/http/server.h"

namespace perch::http {

inline constexpr std::uint32_t kHeaderLimit = 16 * 1024;

/// Why a server refuses a request before its handler sees it, in a sentence for the client, by the status of the answer
/// (408, 413, 429, 431, else 400).
Error refusal(int status, const Server::Options& options);

} // namespace perch::http
