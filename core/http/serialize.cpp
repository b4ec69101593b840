#include "core/http/serialize.h"

#include "core/http/server.h"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::http {

namespace beast = boost::beast;

namespace {

/// Appends a header value; a line break in it would let data become a header.
void appendValue(std::string& output, std::string_view value) {
    for (const char letter : value)
        output += letter == '\r' || letter == '\n' ? ' ' : letter;
}

int statusOf(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidInput:
        return 400;
    case ErrorCode::Denied:
        return 403;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::Conflict:
        return 409;
    case ErrorCode::Unavailable:
    case ErrorCode::Cancelled:
        return 503;
    case ErrorCode::Timeout:
        return 504;
    default:
        return 500;
    }
}

} // namespace

void serialize(const Response& response, WireFormat format, std::string& output) {
    const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(response.status));
    output.clear();
    fmt::format_to(std::back_inserter(output), "HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
    for (const auto& [name, value] : response.headers) {
        appendValue(output, name);
        output += ": ";
        appendValue(output, value);
        output += "\r\n";
    }
    if (!findHeader(response.headers, "Content-Type"))
        output += "Content-Type: application/json\r\n";
    fmt::format_to(std::back_inserter(output), "Content-Length: {}\r\n", response.body.size());
    if (!format.keepAlive)
        output += "Connection: close\r\n";
    else if (format.version < 11)
        output += "Connection: keep-alive\r\n";
    output += "\r\n";
    if (format.withBody)
        output += response.body;
}

Response errorResponse(const Error& error, int status) {
    const nlohmann::ordered_json body = {
        {"error", {{"code", toString(error.code)}, {"message", error.message}, {"where", error.where}}}};
    return {status != 0 ? status : statusOf(error.code), {},
        body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

} // namespace perch::http
