#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch::data {

/// Deeper nesting is refused: no record of a table needs it.
constexpr int kDeepestJson = 32;

/// Parses foreign JSON; InvalidInput that names `what` if it is malformed, not UTF-8 or nested too deeply.
Result<nlohmann::json> parseForeignJson(std::string_view text, std::string_view what);

/// The text of a cell: strings as they are, numbers and true or false as JSON writes them, lists as JSON; nothing for
/// null.
std::optional<std::string> cellText(const nlohmann::json& value);

/// The cells of a record: fields of objects within it become `outer.inner`. `record` must be an object.
std::vector<std::pair<std::string, std::string>> flattenRecord(const nlohmann::json& record);

} // namespace perch::data
