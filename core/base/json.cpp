#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch {

namespace {

Result<const nlohmann::json*> fieldOf(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const auto found = object.is_object() ? object.find(field) : object.end();
    if (!object.is_object() || found == object.end()) {
        Error error = fail(ErrorCode::InvalidInput, "{}: the field \"{}\" is missing.", what, field);
        error.where = field;
        return error;
    }
    return &*found;
}

Error wrongType(std::string_view field, std::string_view what, std::string_view wanted) {
    Error error = fail(ErrorCode::InvalidInput, "{}: the field \"{}\" is not {}.", what, field, wanted);
    error.where = field;
    return error;
}

} // namespace

std::optional<std::size_t> tooDeepAt(std::string_view json, int limit) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char letter = json[i];
        if (letter == '"')
            quoted = !quoted;
        else if (quoted)
            i += letter == '\\' ? 1 : 0;
        else if ((letter == '[' || letter == '{') && ++depth > limit)
            return i + 1;
        else if (letter == ']' || letter == '}')
            --depth;
    }
    return std::nullopt;
}

Result<nlohmann::json> parseJson(std::string_view text, std::string_view what) {
    if (const auto byte = tooDeepAt(text, kDeepestDocument))
        return fail(ErrorCode::InvalidInput, "{} is nested deeper than {} levels at byte {}.", what, kDeepestDocument,
                    *byte);
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        return fail(ErrorCode::InvalidInput, "{} is not JSON: unexpected input at byte {}.", what, error.byte);
    } catch (const nlohmann::json::exception&) {
        // Such as 1e999, which JSON allows and a double does not hold.
        return fail(ErrorCode::InvalidInput, "{} holds a number that is too large.", what);
    }
}

Result<std::string> jsonString(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const nlohmann::json* value = TRY(fieldOf(object, field, what));
    if (!value->is_string())
        return wrongType(field, what, "a string");
    return value->get<std::string>();
}

Result<double> jsonNumber(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const nlohmann::json* value = TRY(fieldOf(object, field, what));
    if (!value->is_number())
        return wrongType(field, what, "a number");
    return value->get<double>();
}

Result<std::int64_t> jsonInteger(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const nlohmann::json* value = TRY(fieldOf(object, field, what));
    if (!value->is_number_integer())
        return wrongType(field, what, "an integer");
    return value->get<std::int64_t>();
}

std::string jsonText(const nlohmann::json& object, std::string_view field) {
    const auto found = object.find(field);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<bool> jsonBoolean(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const nlohmann::json* value = TRY(fieldOf(object, field, what));
    if (!value->is_boolean())
        return wrongType(field, what, "true or false");
    return value->get<bool>();
}

} // namespace perch
