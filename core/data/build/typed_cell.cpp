#include "core/data/build/typed_cell.h"

#include "core/data/column_builder.h"

namespace perch::data {

namespace {

using spec::ColumnType;
using Fit = TypedCell::Fit;

TypedCell ofNumber(const std::optional<double>& number) {
    return number ? TypedCell{Fit::Value, *number} : TypedCell{Fit::Bad};
}

} // namespace

TypedCell readCell(ColumnType type, const std::optional<std::string_view>& text) {
    if (!text)
        return {};
    const std::string_view bare = trimmedCell(*text);
    if (type != ColumnType::Category && isMissingCell(bare))
        return {};
    switch (type) {
    case ColumnType::Number:
        if (bare == "NaN" || bare == "nan")
            return {};
        return ofNumber(parseNumber(bare));
    case ColumnType::Money: return ofNumber(parseMoney(bare));
    case ColumnType::Boolean: {
        const std::optional<bool> flag = parseBoolean(bare);
        return flag ? TypedCell{Fit::Value, *flag ? 1.0 : 0.0} : TypedCell{Fit::Bad};
    }
    case ColumnType::Timestamp: {
        const std::optional<Micros> time = parseTimestamp(bare);
        if (!time)
            return {Fit::Bad};
        return {Fit::Value, static_cast<double>(*time) / static_cast<double>(kMicrosPerSecond), *time};
    }
    case ColumnType::Category: return {Fit::Value};
    }
    return {};
}

std::string_view expectedOf(ColumnType type) {
    switch (type) {
    case ColumnType::Number: return "a number";
    case ColumnType::Money: return "an amount of money";
    case ColumnType::Timestamp: return "a time like 2026-05-01T10:00:00Z";
    case ColumnType::Boolean: return "true or false";
    case ColumnType::Category: return "a text in UTF-8";
    }
    return "";
}

} // namespace perch::data
