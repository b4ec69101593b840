#include "core/data/quality/rule_checks.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

constexpr std::size_t kShownCategories = 5;

std::string nearestNames(const Table& table, const std::string& name) {
    std::vector<std::string> names;
    for (const Column& column : table.columns)
        names.push_back(column.name);
    return fmt::format("{}", fmt::join(nearNames(name, names), ", "));
}

/// A rule about a column that is not there, or that cannot hold what the rule is about.
QualityCheck impossible(QualityCheck check, std::string sentence) {
    check.verdict = QualityVerdict::Fail;
    check.value.reset();
    check.sentence = std::move(sentence);
    return check;
}

std::string noSuchColumn(const Table& table, const std::string& name) {
    return fmt::format("There is no column \"{}\" to check; the nearest are {}.", shownText(name),
                       nearestNames(table, name));
}

std::string cells(std::uint64_t count) {
    return fmt::format("{} {}", formatCount(count), count == 1 ? "cell" : "cells");
}

} // namespace

QualityCheck checkSchema(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject) {
    QualityCheck check{.name = "schema", .value = 0, .limit = 0};
    std::vector<std::string> problems;
    const auto requireColumn = [&](const std::string& name, std::string_view what) {
        if (table.find(name))
            return;
        problems.push_back(
            fmt::format("the {} \"{}\" is not there; the nearest are {}", what, name, nearestNames(table, name)));
        check.columns.push_back({name, 1, QualityVerdict::Fail});
    };
    if (!subject.label.empty())
        requireColumn(subject.label, "label");
    for (const std::string& name : limits.required)
        requireColumn(name, "column");
    for (const auto& [name, type] : subject.types) {
        const std::optional<std::size_t> index = table.find(name);
        if (!index || table.columns[*index].type == type)
            continue;
        problems.push_back(
            fmt::format("{} is declared {} and holds {}", name, toString(type), toString(table.columns[*index].type)));
        check.columns.push_back({name, 1, QualityVerdict::Fail});
    }
    check.value = static_cast<double>(problems.size());
    check.verdict = problems.empty() ? QualityVerdict::Pass : QualityVerdict::Fail;
    check.sentence = problems.empty() ? fmt::format("All {} columns are as declared.", table.columns.size())
                                      : fmt::format("In the schema {}.", fmt::join(problems, "; "));
    return check;
}

QualityCheck checkRows(const Table& table, const spec::QualitySpec& limits) {
    const bool enough = table.rows >= limits.minimumRows;
    return {.name = "rows",
            .verdict = enough ? QualityVerdict::Pass : QualityVerdict::Fail,
            .sentence = fmt::format("{} row{} where at least {} {} needed.", formatCount(table.rows),
                                    table.rows == 1 ? "" : "s", formatCount(limits.minimumRows),
                                    limits.minimumRows == 1 ? "is" : "are"),
            .value = static_cast<double>(table.rows),
            .limit = static_cast<double>(limits.minimumRows)};
}

QualityCheck checkRange(const Table& table, const std::string& name, std::pair<double, double> range) {
    QualityCheck check{.name = "range", .column = name, .value = 0, .limit = 0};
    const std::optional<std::size_t> index = table.find(name);
    if (!index)
        return impossible(std::move(check), noSuchColumn(table, name));
    const Column& column = table.columns[*index];
    if (column.type == FieldType::Category)
        return impossible(std::move(check), fmt::format("{} holds texts, so it has no range.", shownText(name)));
    std::uint64_t outside = 0;
    double least = 0, most = 0;
    bool any = false;
    for (std::size_t row = 0; row < column.numbers.size(); ++row) {
        const double value = column.numbers[row];
        if (std::isnan(value))
            continue;
        least = any ? std::min(least, value) : value;
        most = any ? std::max(most, value) : value;
        any = true;
        if (value >= range.first && value <= range.second)
            continue;
        ++outside;
        if (check.cells.size() < kQualityCells)
            check.cells.push_back(exampleCell(column, row));
    }
    const std::string wanted = fmt::format("{} to {}", shownNumber(range.first), shownNumber(range.second));
    if (!any) {
        check.verdict = QualityVerdict::NoData;
        check.value.reset();
        check.sentence = fmt::format("{} holds no number that could be within {}.", shownText(name), wanted);
        return check;
    }
    check.value = static_cast<double>(outside);
    const std::string found = fmt::format("{} to {}", shownNumber(least), shownNumber(most));
    check.verdict = outside == 0 ? QualityVerdict::Pass : QualityVerdict::Fail;
    check.sentence = outside == 0
                         ? fmt::format("{} is within {}: it goes from {}.", shownText(name), wanted, found)
                         : fmt::format("{} of {} {} outside {}, which goes from {}; the first is {} in row {}.",
                                       cells(outside), shownText(name), outside == 1 ? "lies" : "lie", wanted, found,
                                       check.cells.front().text, check.cells.front().row);
    return check;
}

QualityCheck checkCategories(const Table& table, const std::string& name, const std::vector<std::string>& allowed) {
    QualityCheck check{.name = "categories", .column = name, .value = 0, .limit = 0};
    const std::optional<std::size_t> index = table.find(name);
    if (!index)
        return impossible(std::move(check), noSuchColumn(table, name));
    const Column& column = table.columns[*index];
    std::vector<bool> isAllowed; // by code
    for (const std::string& category : column.categories)
        isAllowed.push_back(std::ranges::find(allowed, category) != allowed.end());
    std::uint64_t others = 0;
    for (std::size_t row = 0; row < column.size(); ++row) {
        const bool isCode = column.type == FieldType::Category;
        if (isCode ? column.codes[row] < 0 : std::isnan(column.numbers[row]))
            continue;
        if (isCode ? isAllowed[static_cast<std::size_t>(column.codes[row])]
                   : std::ranges::find(allowed, cellText(column, row)) != allowed.end())
            continue;
        ++others;
        if (check.cells.size() < kQualityCells)
            check.cells.push_back(exampleCell(column, row));
    }
    check.value = static_cast<double>(others);
    check.verdict = others == 0 ? QualityVerdict::Pass : QualityVerdict::Fail;
    const std::vector<std::string> some(
        allowed.begin(), allowed.begin() + static_cast<std::ptrdiff_t>(std::min(kShownCategories, allowed.size())));
    const std::string wanted = fmt::format("{}{}", fmt::join(some, ", "), allowed.size() > some.size() ? " ..." : "");
    check.sentence = others == 0 ? fmt::format("{} holds only {}.", shownText(name), wanted)
                                 : fmt::format("{} of {} {} none of {}; the first is \"{}\" in row {}.", cells(others),
                                               shownText(name), others == 1 ? "is" : "are", wanted,
                                               check.cells.front().text, check.cells.front().row);
    return check;
}

} // namespace perch::data
