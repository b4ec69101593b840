#include "core/data/source/json_record.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::data {

namespace {

void flattenInto(const nlohmann::json& object, const std::string& prefix,
                 std::vector<std::pair<std::string, std::string>>& cells) {
    for (const auto& [key, value] : object.items()) {
        if (value.is_object())
            flattenInto(value, prefix + key + ".", cells);
        else
            cells.emplace_back(prefix + key, cellText(value).value_or(""));
    }
}

} // namespace

Result<nlohmann::json> parseForeignJson(std::string_view text, std::string_view what) {
    if (tooDeepAt(text, kDeepestJson))
        return fail(ErrorCode::InvalidInput, "{} is JSON that is nested deeper than {} levels.", what, kDeepestJson);
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& problem) {
        return fail(ErrorCode::InvalidInput, "{} is not valid JSON (byte {}).", what, problem.byte);
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::InvalidInput, "{} is JSON with a number that no computer holds.", what);
    }
}

std::optional<std::string> cellText(const nlohmann::json& value) {
    if (value.is_null() || value.is_discarded())
        return std::nullopt;
    if (value.is_string())
        return value.get<std::string>();
    return value.dump();
}

std::vector<std::pair<std::string, std::string>> flattenRecord(const nlohmann::json& record) {
    std::vector<std::pair<std::string, std::string>> cells;
    flattenInto(record, "", cells);
    return cells;
}

} // namespace perch::data
