#include "core/evaluate/column_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::evaluate {

namespace {

constexpr std::size_t kGroups = 20;
constexpr std::size_t kFewValues = 5;

/// Up to four ranges of about equal row counts; fewer where values repeat.
std::vector<double> quarterEdges(std::vector<double> values) {
    std::ranges::sort(values);
    std::vector<double> edges;
    for (int quarter = 1; quarter < 4 && !values.empty(); ++quarter) {
        const double edge = values[values.size() * static_cast<std::size_t>(quarter) / 4];
        if ((edges.empty() || edge > edges.back()) && edge < values.back())
            edges.push_back(edge);
    }
    return edges;
}

/// Numbers that are codes: each value is a group. Empty if there are more than a few.
std::vector<double> fewValues(std::span<const double> present) {
    std::vector<double> values;
    for (const double value : present) {
        const auto at = std::ranges::lower_bound(values, value);
        if (at != values.end() && *at == value)
            continue;
        if (values.size() == kFewValues)
            return {};
        values.insert(at, value);
    }
    return values;
}

} // namespace

void ColumnGroups::learnCategories(const data::Column& column, std::span<const std::uint32_t> rows) {
    std::vector<std::uint64_t> counts(column.categories.size());
    for (const std::uint32_t row : rows) {
        if (column.codes[row] >= 0)
            ++counts[static_cast<std::size_t>(column.codes[row])];
    }
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t code) { return counts[code]; });
    order.resize(std::min(order.size(), kGroups));
    for (const std::size_t code : order) {
        m_categories.emplace(column.categories[code], static_cast<std::int32_t>(m_names.size()));
        m_names.push_back("= " + column.categories[code]);
    }
}

void ColumnGroups::learnNumbers(const data::Column& column, std::span<const std::uint32_t> rows) {
    std::vector<double> present;
    for (const std::uint32_t row : rows) {
        if (!std::isnan(column.numbers[row]))
            present.push_back(column.numbers[row]);
    }
    m_values = fewValues(present);
    for (const double value : m_values)
        m_names.push_back(fmt::format("= {:g}", value));
    if (!m_values.empty())
        return;
    m_edges = quarterEdges(std::move(present));
    for (std::size_t i = 0; i <= m_edges.size() && !m_edges.empty(); ++i) {
        m_names.push_back(i == 0                ? fmt::format("<= {:g}", m_edges[0])
                          : i == m_edges.size() ? fmt::format("> {:g}", m_edges.back())
                                                : fmt::format("in ({:g}, {:g}]", m_edges[i - 1], m_edges[i]));
    }
    if (m_edges.empty())
        m_names.emplace_back("present");
}

ColumnGroups ColumnGroups::learn(const data::Column& column, std::span<const std::uint32_t> rows) {
    ColumnGroups groups;
    groups.m_column = column.name;
    groups.m_type = column.type;
    if (column.type == data::FieldType::Category)
        groups.learnCategories(column, rows);
    else if (column.type == data::FieldType::Number)
        groups.learnNumbers(column, rows);
    else
        groups.m_names = {"= false", "= true"};
    groups.m_names.emplace_back("missing");
    return groups;
}

std::vector<std::int32_t> ColumnGroups::of(const data::Column& column, std::span<const std::uint32_t> rows) const {
    const auto missing = static_cast<std::int32_t>(m_names.size() - 1);
    std::vector<std::int32_t> groups;
    groups.reserve(rows.size());
    if (m_type == data::FieldType::Category) {
        std::vector<std::int32_t> ofCode;
        for (const std::string& category : column.categories) {
            const auto known = m_categories.find(category);
            ofCode.push_back(known == m_categories.end() ? -1 : known->second);
        }
        for (const std::uint32_t row : rows)
            groups.push_back(column.codes[row] < 0 ? missing : ofCode[static_cast<std::size_t>(column.codes[row])]);
        return groups;
    }
    for (const std::uint32_t row : rows) {
        const double value = column.numbers[row];
        if (std::isnan(value)) {
            groups.push_back(missing);
        } else if (m_type == data::FieldType::Boolean) {
            groups.push_back(value != 0 ? 1 : 0);
        } else if (!m_values.empty()) {
            const auto at = std::ranges::lower_bound(m_values, value);
            const bool known = at != m_values.end() && *at == value;
            groups.push_back(known ? static_cast<std::int32_t>(at - m_values.begin()) : -1);
        } else {
            groups.push_back(static_cast<std::int32_t>(std::ranges::lower_bound(m_edges, value) - m_edges.begin()));
        }
    }
    return groups;
}

GroupedColumn groupColumn(const data::Column& column, std::span<const std::uint32_t> rows) {
    const ColumnGroups groups = ColumnGroups::learn(column, rows);
    return {.name = column.name, .groups = groups.names(), .ofRow = groups.of(column, rows)};
}

} // namespace perch::evaluate
