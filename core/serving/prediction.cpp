#include "core/serving/prediction.h"

#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::serving {

namespace {

constexpr int kDepthLimit = 32;

} // namespace

Result<nlohmann::json> parseBody(std::string_view text) {
    const auto invalid = [](Error error, std::size_t byte) {
        error.where = fmt::format("byte {}", byte);
        return error;
    };
    if (text.empty())
        return invalid(fail(ErrorCode::InvalidInput, "The body is empty; it must be JSON."), 0);
    if (const auto byte = tooDeepAt(text, kDepthLimit))
        return invalid(fail(ErrorCode::InvalidInput, "The body nests too deeply at byte {}.", *byte), *byte);
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        return invalid(fail(ErrorCode::InvalidInput, "The body is not JSON: unexpected input at byte {}.", error.byte),
            error.byte);
    } catch (const nlohmann::json::exception&) {
        return invalid(fail(ErrorCode::InvalidInput, "The body holds a number that is too large."), 0);
    }
}

Result<void> checkRequestId(std::string_view id) {
    const bool valid = !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char letter) {
        return letter > ' ' && letter < 127 && letter != '"' && letter != '\\';
    });
    if (valid)
        return {};
    Error error = fail(ErrorCode::InvalidInput,
        "A request id has 1 to 128 printable ASCII characters without spaces, quotes and backslashes.");
    error.where = "request_id";
    return error;
}

std::string requestIdOf(std::string_view body, std::string_view header) {
    if (!body.empty())
        return std::string(body);
    return header.empty() ? makeRandomId() : std::string(header);
}

void appendScore(std::string& text, float score) {
    fmt::format_to(std::back_inserter(text), "{}", score);
}

} // namespace perch::serving
