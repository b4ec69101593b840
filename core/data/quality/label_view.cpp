#include "core/data/quality/label_view.h"

#include "core/base/parse_number.h"
#include "core/data/quality/cell_text.h"

#include <algorithm>
#include <limits>

namespace perch::data {

namespace {

/// More different ones than this are amounts, not classes.
constexpr std::size_t kMostLabelClasses = 50;

/// The number of each category, or nothing if one of them is not a number.
std::optional<std::vector<double>> numbersOf(const std::vector<std::string>& categories) {
    std::vector<double> numbers;
    for (const std::string& category : categories) {
        const std::optional<double> number = parseFinite(category);
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

/// The different values in ascending order; gives up beyond the most classes.
std::optional<std::vector<double>> fewValues(const Numbers& numbers) {
    std::vector<double> values;
    for (const double number : numbers) {
        if (std::isnan(number))
            continue;
        const auto at = std::ranges::lower_bound(values, number);
        if (at != values.end() && *at == number)
            continue;
        if (values.size() == kMostLabelClasses)
            return std::nullopt;
        values.insert(at, number);
    }
    return values;
}

void readClasses(LabelView& view, const std::vector<double>& values) {
    const Column& column = *view.column;
    for (const double value : values)
        view.classes.push_back(column.type == FieldType::Boolean ? (value != 0 ? "true" : "false")
                                                                 : shownNumber(value));
    for (const double number : column.numbers) {
        const auto at = std::ranges::lower_bound(values, number);
        view.classOf.push_back(std::isnan(number) ? -1 : static_cast<std::int32_t>(at - values.begin()));
    }
}

} // namespace

std::optional<LabelView> LabelView::of(const Table& table, const std::string& label) {
    const std::optional<std::size_t> index = table.find(label);
    if (label.empty() || !index)
        return std::nullopt;
    LabelView view{.column = &table.columns[*index]};
    const Column& column = *view.column;
    if (column.type == FieldType::Category) {
        const auto numbers = column.categories.size() > kMostLabelClasses ? numbersOf(column.categories) : std::nullopt;
        view.isNumber = numbers.has_value();
        if (numbers) {
            for (const std::int32_t code : column.codes)
                view.numbers.push_back(code < 0 ? std::nan("") : (*numbers)[static_cast<std::size_t>(code)]);
        } else {
            view.classes = column.categories;
            view.classOf.assign(column.codes.begin(), column.codes.end());
        }
    } else if (const auto values = fewValues(column.numbers)) {
        readClasses(view, *values);
    } else {
        view.isNumber = true;
        view.numbers.assign(column.numbers.begin(), column.numbers.end());
    }
    view.counts.resize(view.classes.size());
    for (const std::int32_t code : view.classOf) {
        if (code >= 0)
            ++view.counts[static_cast<std::size_t>(code)];
    }
    return view;
}

} // namespace perch::data
