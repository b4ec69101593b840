#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace perch {

/// Nesting that no document of ours reaches: what is nested deeper would exhaust the stack when it is written again.
constexpr int kDeepestDocument = 200;

/// The byte at which brackets nest deeper than `limit`; nothing if they do not. Looked at before parsing, because a few
/// megabytes of brackets become hundreds of megabytes of document.
std::optional<std::size_t> tooDeepAt(std::string_view json, int limit);

/// Parses JSON text; InvalidInput that names `what` and the byte offset, also where it nests deeper than
/// `kDeepestDocument`. The size is bounded by the caller's limit on the text. Never throws.
Result<nlohmann::json> parseJson(std::string_view text, std::string_view what);

/// Reads one field of an object with its type; InvalidInput that names the field and `what` otherwise.
Result<std::string> jsonString(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<double> jsonNumber(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<std::int64_t> jsonInteger(const nlohmann::json& object, std::string_view field, std::string_view what);
Result<bool> jsonBoolean(const nlohmann::json& object, std::string_view field, std::string_view what);

/// The text of a field that may be absent; empty without one, and where it is no text. Of any value, never an error.
std::string jsonText(const nlohmann::json& object, std::string_view field);

} // namespace perch
