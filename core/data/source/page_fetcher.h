#pragma once

#include "core/data/source/source_counts.h"
#include "core/http/client.h"

#include <chrono>

namespace perch::data {

/// Fetches pages patiently: what a busy or broken server answers is asked for again, a bounded number of times and
/// after waits that double; 429 waits as long as Retry-After says. One thread.
class PageFetcher {
public:
    struct Limits {
        std::chrono::milliseconds firstDelay{500};
        std::chrono::milliseconds longestDelay{30'000};
        std::chrono::milliseconds longestRetryAfter{300'000}; ///< a longer wish is an error
        int attempts = 8;                                     ///< for connections that break and 5xx, of one page
        int refusals = 100;                                   ///< 429 in a row
        std::chrono::milliseconds deadline{60'000};           ///< of one exchange
    };

    /// Client and counts must outlive it. `headers` go with every request.
    PageFetcher(http::Client& client, http::Headers headers, Limits limits, SourceCounts& counts)
        : m_client(&client), m_headers(std::move(headers)), m_limits(limits), m_counts(&counts) {}

    /// The answer with status 200. Denied for 401 and 403, NotFound for 404, InvalidInput for other refusals,
    /// Unavailable when the server stays broken or busy, Cancelled.
    Result<http::Response> fetch(const std::string& url, const std::stop_token& stop);

private:
    Result<void> wait(std::chrono::milliseconds delay, const std::string& url, const std::stop_token& stop);

    http::Client* m_client;
    http::Headers m_headers;
    Limits m_limits;
    SourceCounts* m_counts;
};

/// A URL in a message: without query, which may hold a cursor or a token.
std::string withoutQuery(std::string_view url);

} // namespace perch::data
