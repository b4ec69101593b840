#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch::http {

/// Header fields in order of appearance; names compare without case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first value of a field; nothing if it is absent.
std::optional<std::string_view> findHeader(const Headers& headers, std::string_view name);

/// What a Retry-After field asks for; nothing if it is not a number of seconds.
std::optional<std::chrono::milliseconds> retryAfter(std::string_view header);

/// What comes back, from either side.
struct Response {
    int status = 200;
    Headers headers = {}; ///< A server adds Content-Type (application/json unless given), Content-Length, Connection.
    std::string body = {};

    bool ok() const { return status >= 200 && status < 300; }
};

/// `a b&c` -> `a%20b%26c`
std::string percentEncode(std::string_view text);
/// The reverse; malformed escapes stay as they are.
std::string percentDecode(std::string_view text);
/// `a=1&b=x%20y`, for queries and for bodies of type application/x-www-form-urlencoded.
std::string formEncode(const std::vector<std::pair<std::string, std::string>>& fields);

} // namespace perch::http
