#include "core/model/training_label.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace perch::model {

namespace {

/// Beyond it numbers are rather an amount than names of classes.
constexpr std::size_t kClassesWithoutDeclaration = 20;

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

Result<void> requireNoneMissing(const data::Table& table, const data::Column& column) {
    if (column.missing == table.rows)
        return labelError(table, column.name, "holds only missing values");
    if (column.missing == 0)
        return {};
    std::size_t first = 0;
    const bool texts = column.type == data::FieldType::Category;
    while (texts ? column.codes[first] >= 0 : !std::isnan(column.numbers[first]))
        ++first;
    return labelError(
        table, column.name,
        fmt::format("is missing in {} rows, first in row {} (the header is row 1)", column.missing, first + 2));
}

bool isNumber(const std::string& text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size();
}

/// What a label of texts is when nobody said: never silently a hundred classes of numbers.
Result<Task> taskOf(const data::Table& table, const data::Column& column) {
    const std::size_t classes = column.categories.size();
    if (classes <= 2)
        return Task::Binary;
    if (classes <= kClassesWithoutDeclaration)
        return Task::MultiClass;
    const bool numbers = std::ranges::all_of(column.categories, isNumber);
    return labelError(table, column.name,
                      fmt::format("has {} different {}; declare the task, regression or multi_class", classes,
                                  numbers ? "numbers" : "texts"));
}

Result<void> requireRows(const data::Table& table, const std::string& label, const TrainingLabel& read) {
    std::vector<std::size_t> counts(read.classes.size());
    for (const std::uint8_t index : read.classOf)
        ++counts[index];
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] < 3)
            return labelError(table, label,
                              fmt::format("has fewer than three rows of the class \"{}\"", read.classes[i]));
    }
    return {};
}

Result<TrainingLabel> readBinary(const data::Table& table, const data::Column& column, const std::string& positive) {
    const auto classes = column.categories.size();
    if (classes != 2)
        return labelError(table, column.name, fmt::format("has {} classes; two are needed", classes));
    const std::size_t one = TRY(positiveOf(table, column, positive));
    TrainingLabel read{.task = Task::Binary, .classes = {column.categories[1 - one], column.categories[one]}};
    read.classOf.reserve(table.rows);
    for (const std::int32_t code : column.codes)
        read.classOf.push_back(code == static_cast<std::int32_t>(one) ? 1 : 0);
    return read;
}

Result<TrainingLabel> readClasses(const data::Table& table, const data::Column& column) {
    if (column.categories.size() > kMostClasses)
        return labelError(table, column.name,
                          fmt::format("has {} classes; at most {} are possible", column.categories.size(),
                                      kMostClasses));
    TrainingLabel read{.task = Task::MultiClass, .classes = column.categories};
    read.classOf.reserve(table.rows);
    for (const std::int32_t code : column.codes)
        read.classOf.push_back(static_cast<std::uint8_t>(code));
    return read;
}

Result<TrainingLabel> readNumbers(const data::Table& table, const data::Column& column) {
    if (column.type == data::FieldType::Category)
        return labelError(table, column.name, "holds texts; a regression needs numbers");
    if (std::ranges::all_of(column.numbers, [&](double number) { return number == column.numbers[0]; }))
        return labelError(table, column.name, fmt::format("is {:g} in every row", column.numbers[0]));
    return TrainingLabel{.task = Task::Regression, .numbers = {column.numbers.begin(), column.numbers.end()}};
}

} // namespace

data::FieldType labelType(spec::Task task) {
    return task == spec::Task::Regression ? data::FieldType::Number : data::FieldType::Category;
}

Result<TrainingLabel> readLabel(const data::Table& table, const std::string& label, const std::string& positive,
                                spec::Task task) {
    const data::Column* column = TRY(table.column(label));
    TRY(requireNoneMissing(table, *column));
    if (task == spec::Task::Regression)
        return readNumbers(table, *column);
    if (column->type != data::FieldType::Category)
        return fail(ErrorCode::Internal, "The label \"{}\" was not read as texts.", label);
    if (column->categories.size() == 1)
        return labelError(table, label,
                          fmt::format("has one class, \"{}\"; two are needed", column->categories[0]));
    const bool binary = task == spec::Task::Binary ||
                        (task == spec::Task::FromLabel && TRY(taskOf(table, *column)) == Task::Binary);
    TrainingLabel read = binary ? TRY(readBinary(table, *column, positive)) : TRY(readClasses(table, *column));
    TRY(requireRows(table, label, read));
    return read;
}

} // namespace perch::model
