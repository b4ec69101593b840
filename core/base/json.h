#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace perch {

/// Parses JSON text; InvalidInput that names `what` and the byte offset. Depth and size are bounded by the caller's
/// limit on the text. Never throws.
Result<nlohmann::json> parseJson(std::string_view text, std::string_view what);

/// Reads one field of an object with its type; InvalidInput that names the field and `what` otherwise.
Result<std::string> jsonString(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<double> jsonNumber(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<std::int64_t> jsonInteger(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<bool> jsonBoolean(const nlohmann::json& object, std::string_view field, std::string_view what);

} // namespace perch
