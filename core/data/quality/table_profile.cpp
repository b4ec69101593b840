#include "core/data/quality/table_profile.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

using nlohmann::json;

constexpr std::size_t kTop = 10;

double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

std::optional<double> deviationOf(const std::vector<double>& values, double mean) {
    if (values.size() < 2)
        return std::nullopt;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

void summarizeNumbers(const Column& column, ColumnSummary& summary) {
    std::vector<double> values;
    values.reserve(column.numbers.size());
    std::ranges::copy_if(column.numbers, std::back_inserter(values), [](double value) { return !std::isnan(value); });
    if (values.empty())
        return;
    std::ranges::sort(values);
    NumberSummary numbers;
    double sum = 0;
    for (const double value : values)
        sum += value;
    numbers.mean = sum / static_cast<double>(values.size());
    numbers.deviation = deviationOf(values, numbers.mean);
    numbers.minimum = values.front();
    numbers.maximum = values.back();
    for (const auto& [share, target] : {std::pair(0.01, &numbers.p01),
                                        {0.05, &numbers.p05},
                                        {0.25, &numbers.p25},
                                        {0.5, &numbers.median},
                                        {0.75, &numbers.p75},
                                        {0.95, &numbers.p95},
                                        {0.99, &numbers.p99}})
        *target = quantile(values, share);
    numbers.whole = std::ranges::all_of(values, [](double value) { return value == std::floor(value); });
    summary.numbers = numbers;
    summary.distinct = static_cast<std::uint64_t>(std::ranges::unique(values).begin() - values.begin());
}

void summarizeTexts(std::vector<std::pair<std::string, std::uint64_t>> counts, ColumnSummary& summary) {
    std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
    summary.distinct = counts.size();
    std::ranges::stable_sort(counts, std::ranges::greater{}, &std::pair<std::string, std::uint64_t>::second);
    counts.resize(std::min(counts.size(), kTop));
    summary.top = std::move(counts);
}

ColumnSummary summaryOf(const Column& column) {
    ColumnSummary summary{.name = column.name, .type = column.type, .missing = column.missing};
    std::vector<std::pair<std::string, std::uint64_t>> counts;
    switch (column.type) {
    case FieldType::Number:
        summarizeNumbers(column, summary);
        return summary;
    case FieldType::Boolean:
        counts = {{"false", std::ranges::count(column.numbers, 0.0)},
                  {"true", std::ranges::count(column.numbers, 1.0)}};
        break;
    case FieldType::Category:
        for (const std::string& category : column.categories)
            counts.emplace_back(category, 0U);
        for (const std::int32_t code : column.codes) {
            if (code >= 0)
                ++counts[static_cast<std::size_t>(code)].second;
        }
        break;
    }
    summarizeTexts(std::move(counts), summary);
    return summary;
}

json jsonOf(const NumberSummary& numbers) {
    return {{"mean", numbers.mean},       {"deviation", numbers.deviation ? json(*numbers.deviation) : json()},
            {"minimum", numbers.minimum}, {"p01", numbers.p01},
            {"p05", numbers.p05},         {"p25", numbers.p25},
            {"median", numbers.median},   {"p75", numbers.p75},
            {"p95", numbers.p95},         {"p99", numbers.p99},
            {"maximum", numbers.maximum}, {"whole", numbers.whole}};
}

} // namespace

TableProfile profileTable(const Table& table) {
    TableProfile profile{.source = table.fingerprint.source, .rows = table.rows, .columns = {}};
    for (const Column& column : table.columns)
        profile.columns.push_back(summaryOf(column));
    return profile;
}

nlohmann::json TableProfile::toJson() const {
    json entries = json::array();
    for (const ColumnSummary& column : columns) {
        json top = json::array();
        for (const auto& [text, count] : column.top)
            top.push_back({{"value", text}, {"rows", count}});
        entries.push_back({{"name", column.name},
                           {"type", toString(column.type)},
                           {"missing", column.missing},
                           {"distinct", column.distinct},
                           {"numbers", column.numbers ? jsonOf(*column.numbers) : json()},
                           {"top", std::move(top)}});
    }
    return {{"source", source}, {"rows", rows}, {"columns", std::move(entries)}};
}

} // namespace perch::data
