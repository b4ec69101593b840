#include "core/data/table.h"

#include "core/base/edit_distance.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace perch::data {

Cell Column::cell(std::size_t row) const {
    if (type == FieldType::Category)
        return codes[row] < 0 ? Cell() : Cell(categories[static_cast<std::size_t>(codes[row])]);
    if (std::isnan(numbers[row]))
        return Cell();
    return type == FieldType::Boolean ? Cell(numbers[row] != 0) : Cell(numbers[row]);
}

std::vector<double> Column::finiteNumbers() const {
    std::vector<double> values;
    values.reserve(numbers.size());
    std::ranges::copy_if(numbers, std::back_inserter(values), [](double value) { return std::isfinite(value); });
    return values;
}

void Column::release() const {
    if (const auto memory = numbers.get_allocator().memory())
        memory->release(numbers.data());
    if (const auto memory = codes.get_allocator().memory())
        memory->release(codes.data());
}

void Table::release() const {
    for (const Column& column : columns)
        column.release();
}

std::optional<std::size_t> Table::find(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == name)
            return i;
    }
    return std::nullopt;
}

Result<const Column*> Table::column(std::string_view name) const {
    if (const std::optional<std::size_t> index = find(name))
        return &columns[*index];
    std::vector<std::string> names;
    for (const Column& column : columns)
        names.push_back(column.name);
    const std::vector<std::string> near = nearNames(name, names);
    Error error = fail(ErrorCode::InvalidInput, "{} has no column \"{}\"; {} {}.", fingerprint.source, name,
                       near.size() == 1 ? "the nearest is" : "the nearest are", fmt::join(near, ", "));
    error.where = name;
    return error;
}

std::vector<std::string> nearNames(std::string_view name, const std::vector<std::string>& names) {
    std::vector<std::pair<std::size_t, std::string>> byDistance;
    for (const std::string& candidate : names)
        byDistance.emplace_back(editDistance(name, candidate), candidate);
    std::stable_sort(byDistance.begin(), byDistance.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> near;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, byDistance.size()); ++i)
        near.push_back(byDistance[i].second);
    return near;
}

} // namespace perch::data
