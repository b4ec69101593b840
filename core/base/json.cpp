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

Result<nlohmann::json> parseJson(std::string_view text, std::string_view what) {
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        return fail(ErrorCode::InvalidInput, "{} is not JSON: unexpected input at byte {}.", what, error.byte);
    } catch (const nlohmann::json::exception& error) {
        // For example a number such as 1e999, which JSON allows and a double does not hold.
        return fail(ErrorCode::InvalidInput, "{} holds a value that cannot be read: {}.", what, error.what());
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

Result<bool> jsonBoolean(const nlohmann::json& object, std::string_view field, std::string_view what) {
    const nlohmann::json* value = TRY(fieldOf(object, field, what));
    if (!value->is_boolean())
        return wrongType(field, what, "true or false");
    return value->get<bool>();
}

} // namespace perch
