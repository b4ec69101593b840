#include "core/model/training_label.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace perch::model {

namespace {

Error labelError(const data::Table& table, const std::string& label, std::string_view why) {
    Error error =
        fail(ErrorCode::InvalidInput, "{}: the label column \"{}\" {}.", table.fingerprint.source, label, why);
    error.where = label;
    return error;
}

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// 1 if the second of two classes is the natural positive, 0 if the first is, nothing if no pair is recognized.
std::optional<std::size_t> naturalPositive(const std::vector<std::string>& classes) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {
        {{"no", "yes"}, {"false", "true"}, {"0", "1"}}};
    const std::string first = lowered(classes[0]), second = lowered(classes[1]);
    for (const auto& [negative, positive] : kPairs) {
        if (first == negative && second == positive)
            return 1;
        if (first == positive && second == negative)
            return 0;
    }
    return std::nullopt;
}

Result<std::size_t> positiveOf(const data::Table& table, const data::Column& column, const std::string& positive) {
    if (!positive.empty()) {
        const auto found = std::find(column.categories.begin(), column.categories.end(), positive);
        if (found == column.categories.end()) {
            return labelError(table, column.name,
                              fmt::format("has no class \"{}\"; its classes are {}", positive,
                                          fmt::join(column.categories, " and ")));
        }
        return static_cast<std::size_t>(found - column.categories.begin());
    }
    if (const std::optional<std::size_t> natural = naturalPositive(column.categories))
        return *natural;
    const auto second = static_cast<std::size_t>(std::count(column.codes.begin(), column.codes.end(), 1));
    return second <= column.codes.size() - second ? 1 : 0;
}

} // namespace

Result<BinaryLabel> readBinaryLabel(const data::Table& table, const std::string& label, const std::string& positive) {
    const data::Column* column = TRY(table.column(label));
    if (column->type != data::FieldType::Category)
        return fail(ErrorCode::Internal, "The label \"{}\" was not read as texts.", label);
    const auto classes = column->categories.size();
    if (column->missing == table.rows)
        return labelError(table, label, "holds only missing values");
    if (column->missing > 0) {
        const auto first = std::find(column->codes.begin(), column->codes.end(), -1) - column->codes.begin();
        return labelError(
            table, label,
            fmt::format("is missing in {} rows, first in row {} (the header is row 1)", column->missing, first + 2));
    }
    if (classes == 1)
        return labelError(table, label, fmt::format("has one class, \"{}\"; two are needed", column->categories[0]));
    if (classes != 2)
        return labelError(table, label, fmt::format("has {} classes; two are needed", classes));
    const std::size_t one = TRY(positiveOf(table, *column, positive));
    BinaryLabel result{{column->categories[1 - one], column->categories[one]}, {}};
    result.classOf.reserve(table.rows);
    for (const std::int32_t code : column->codes)
        result.classOf.push_back(code == static_cast<std::int32_t>(one) ? 1 : 0);
    for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}}) {
        if (std::count(result.classOf.begin(), result.classOf.end(), side) < 3)
            return labelError(table, label,
                              fmt::format("has fewer than three rows of the class \"{}\"", result.classes[side]));
    }
    return result;
}

} // namespace perch::model
