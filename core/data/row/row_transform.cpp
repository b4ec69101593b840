#include "core/data/row/row_transform.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace perch::data {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Error wrongType(const Field& field, std::string_view wanted) {
    Error error = fail(ErrorCode::InvalidInput, "The field \"{}\" must be {}.", shownText(field.name), wanted);
    error.where = field.name;
    return error;
}

Result<FieldType> parseFieldType(std::string_view text, std::string_view field) {
    for (const FieldType type : {FieldType::Number, FieldType::Boolean, FieldType::Category}) {
        if (text == toString(type))
            return type;
    }
    return fail(ErrorCode::InvalidInput, "The field \"{}\" of the row transform has the unknown type \"{}\".",
                shownText(field), shownText(text));
}

Result<std::vector<std::string>> categoriesOf(const nlohmann::json& document, std::string_view field) {
    std::vector<std::string> categories;
    for (const nlohmann::json& category : document.value("categories", nlohmann::json::array())) {
        if (!category.is_string())
            return fail(ErrorCode::InvalidInput, "A category of the field \"{}\" is not a string.", shownText(field));
        categories.push_back(category.get<std::string>());
    }
    return categories;
}

Result<Field> fieldFromJson(const nlohmann::json& document) {
    Field field;
    field.name = TRY(jsonString(document, "name", "row transform"));
    const std::string type = TRY(jsonString(document, "type", "row transform"));
    field.type = TRY(parseFieldType(type, field.name));
    field.categories = TRY(categoriesOf(document, field.name));
    if (document.contains("imputed_number")) {
        field.imputedNumber = TRY(jsonNumber(document, "imputed_number", "row transform"));
        if (!std::isfinite(toModelNumber(*field.imputedNumber)))
            return fail(ErrorCode::InvalidInput, "The imputed number of the field \"{}\" is not a 32-bit float.",
                        shownText(field.name));
    }
    if (document.contains("imputed_code")) {
        const std::int64_t code = TRY(jsonInteger(document, "imputed_code", "row transform"));
        if (code < 0 || code >= static_cast<std::int64_t>(field.categories.size()))
            return fail(ErrorCode::InvalidInput, "The imputed code of the field \"{}\" names no category.",
                        shownText(field.name));
        field.imputedCode = static_cast<std::uint32_t>(code);
    }
    return field;
}

} // namespace

std::string_view toString(FieldType type) {
    switch (type) {
    case FieldType::Number:
        return "number";
    case FieldType::Boolean:
        return "boolean";
    case FieldType::Category:
        return "category";
    }
    return "unknown";
}

RowTransform::RowTransform(std::vector<Field> fields) : m_fields(std::move(fields)), m_codes(m_fields.size()) {
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        m_index.emplace(m_fields[i].name, i);
        for (std::uint32_t code = 0; code < m_fields[i].categories.size(); ++code)
            m_codes[i].emplace(m_fields[i].categories[code], code);
    }
}

std::optional<std::size_t> RowTransform::find(std::string_view name) const {
    const auto found = m_index.find(name);
    return found == m_index.end() ? std::nullopt : std::optional(found->second);
}

Result<float> RowTransform::encode(std::size_t index, const Cell& cell, CellNote* note) const {
    const Field& field = m_fields[index];
    if (note != nullptr)
        *note = std::holds_alternative<std::monostate>(cell) ? CellNote::Missing : CellNote::None;
    if (std::holds_alternative<std::monostate>(cell))
        return encodeMissing(index);
    if (field.type == FieldType::Category) {
        const std::string* text = std::get_if<std::string>(&cell);
        if (text == nullptr)
            return wrongType(field, "a text");
        return encodeCategory(index, *text, note);
    }
    if (const bool* flag = std::get_if<bool>(&cell); flag != nullptr && field.type == FieldType::Boolean)
        return encodeNumber(index, *flag ? 1 : 0);
    const double* number = std::get_if<double>(&cell);
    if (field.type == FieldType::Boolean) {
        if (number == nullptr || (*number != 0 && *number != 1))
            return wrongType(field, "true or false");
    } else if (number == nullptr) {
        return wrongType(field, "a number");
    }
    const float value = encodeNumber(index, *number);
    if (!std::isfinite(*number) || !std::isfinite(value))
        return wrongType(field, "a finite number within the range of a 32-bit float");
    return value;
}

float RowTransform::encodeNumber(std::size_t index, double value) const {
    return toModelValue(value, encodeMissing(index));
}

float RowTransform::encodeMissing(std::size_t index) const {
    const Field& field = m_fields[index];
    if (field.type == FieldType::Category)
        return field.imputedCode ? static_cast<float>(*field.imputedCode) : kMissing;
    return field.imputedNumber ? toModelNumber(*field.imputedNumber) : kMissing;
}

float RowTransform::encodeCategory(std::size_t index, std::string_view category, CellNote* note) const {
    const auto found = m_codes[index].find(category);
    if (found != m_codes[index].end())
        return static_cast<float>(found->second);
    if (note != nullptr)
        *note = CellNote::UnseenCategory;
    return encodeMissing(index);
}

bool RowTransform::knows(std::size_t index, std::string_view category) const {
    return m_codes[index].contains(category);
}

std::vector<std::string> RowTransform::xgboostTypes() const {
    std::vector<std::string> types;
    for (const Field& field : m_fields)
        types.emplace_back(field.type == FieldType::Category ? "c" : "q");
    return types;
}

std::vector<std::string> RowTransform::names() const {
    std::vector<std::string> names;
    for (const Field& field : m_fields)
        names.push_back(field.name);
    return names;
}

nlohmann::json RowTransform::toJson() const {
    nlohmann::json fields = nlohmann::json::array();
    for (const Field& field : m_fields) {
        nlohmann::json entry = {{"name", field.name}, {"type", toString(field.type)}};
        if (field.type == FieldType::Category)
            entry["categories"] = field.categories;
        if (field.imputedNumber)
            entry["imputed_number"] = *field.imputedNumber;
        if (field.imputedCode)
            entry["imputed_code"] = *field.imputedCode;
        fields.push_back(std::move(entry));
    }
    return {{"schema", 1}, {"fields", std::move(fields)}};
}

Result<RowTransform> RowTransform::fromJson(const nlohmann::json& document) {
    if (TRY(jsonInteger(document, "schema", "row transform")) != 1)
        return fail(ErrorCode::InvalidInput, "The row transform has a schema that this version does not know.");
    if (!document.contains("fields") || !document["fields"].is_array())
        return fail(ErrorCode::InvalidInput, "The row transform has no list \"fields\".");
    std::vector<Field> fields;
    for (const nlohmann::json& entry : document["fields"])
        fields.push_back(TRY(fieldFromJson(entry)));
    RowTransform transform(std::move(fields));
    if (transform.m_index.size() != transform.m_fields.size())
        return fail(ErrorCode::InvalidInput, "The row transform names a field twice.");
    return transform;
}

} // namespace perch::data
