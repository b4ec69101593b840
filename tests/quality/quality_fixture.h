#pragma once

#include "core/data/quality/check_table.h"
#include "core/data/seeded_random.h"
#include "tests/support/test_support.h"

#include <algorithm>
#include <cmath>

namespace perch::data {

inline const double kNone = std::nan("");

inline Column numberColumn(std::string name, std::vector<double> numbers, FieldType type = FieldType::Number) {
    Column column{.name = std::move(name), .type = type, .numbers = {numbers.begin(), numbers.end()}};
    column.missing =
        static_cast<std::uint64_t>(std::ranges::count_if(column.numbers, [](double x) { return std::isnan(x); }));
    return column;
}

/// An empty text is missing.
inline Column textColumn(std::string name, const std::vector<std::string>& texts) {
    Column column{.name = std::move(name), .type = FieldType::Category};
    for (const std::string& text : texts) {
        if (!text.empty())
            column.categories.push_back(text);
    }
    std::ranges::sort(column.categories);
    column.categories.erase(std::ranges::unique(column.categories).begin(), column.categories.end());
    for (const std::string& text : texts) {
        const auto at = std::ranges::lower_bound(column.categories, text);
        column.codes.push_back(text.empty() ? -1 : static_cast<std::int32_t>(at - column.categories.begin()));
        column.missing += text.empty();
    }
    return column;
}

inline Table tableOf(std::vector<Column> columns) {
    Table table;
    table.rows = columns.front().size();
    table.columns = std::move(columns);
    table.fingerprint.source = "customers.csv";
    return table;
}

/// `count` numbers in [0, 1), the same on every machine.
inline std::vector<double> uniforms(std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<double> numbers(count);
    std::ranges::generate(numbers, [&] { return random.uniform(); });
    return numbers;
}

/// The check of that name and, if given, of that column; a failed test if there is none.
inline QualityCheck checkNamed(const QualityReport& report, std::string_view name, std::string_view column = {}) {
    for (const QualityCheck& check : report.checks) {
        if (check.name == name && (column.empty() || check.column == column))
            return check;
    }
    ADD_FAILURE() << "no check " << name << " " << column;
    return {};
}

inline bool hasCheck(const QualityReport& report, std::string_view name) {
    return std::ranges::find(report.checks, name, &QualityCheck::name) != report.checks.end();
}

/// 1,000 customers without a flaw.
inline Table goodTable() {
    const std::vector<double> noise = uniforms(1'000, 1), amounts = uniforms(1'000, 2);
    std::vector<std::string> plans, churned;
    std::vector<double> ages, spent;
    for (std::size_t i = 0; i < noise.size(); ++i) {
        ages.push_back(std::floor(18 + noise[i] * 60));
        spent.push_back(amounts[i] * 300);
        plans.push_back(i % 3 == 0 ? "free" : "pro");
        churned.push_back(noise[i] + amounts[(i * 7) % 1'000] > 1.2 ? "yes" : "no");
    }
    return tableOf({numberColumn("age", ages), numberColumn("spent", spent), textColumn("plan", plans),
                    textColumn("churned", churned)});
}

} // namespace perch::data
