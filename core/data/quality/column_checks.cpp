#include "core/data/quality/column_checks.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

constexpr std::size_t kFewestForIdentifier = 20;
constexpr double kIdentifierShare = 0.9;
constexpr double kLargestExact = 0x1p53; // beyond, every number is whole
constexpr std::size_t kNamesInSentence = 3;

/// `a, b, c and 4 more`
std::string namesOf(const std::vector<QualityColumn>& columns) {
    std::vector<std::string> names;
    for (const QualityColumn& column : columns) {
        if (names.size() < kNamesInSentence)
            names.push_back(shownText(column.name));
    }
    const std::size_t more = columns.size() - names.size();
    return more == 0 ? fmt::format("{}", fmt::join(names, ", "))
                     : fmt::format("{} and {} more", fmt::join(names, ", "), more);
}

void keepWorst(QualityCheck& check) {
    std::ranges::stable_sort(check.columns, std::ranges::greater{}, &QualityColumn::value);
    if (check.columns.size() > kQualityColumns)
        check.columns.resize(kQualityColumns);
}

/// Whether all present cells are alike; false for a column without any, which is missing, not constant.
bool isConstant(const Column& column) {
    if (column.type == FieldType::Category)
        return column.categories.size() == 1;
    double first = std::nan("");
    for (const double value : column.numbers) {
        if (std::isnan(first))
            first = value;
        else if (!std::isnan(value) && value != first)
            return false;
    }
    return !std::isnan(first);
}

/// Whole numbers of which none is there twice.
bool areUniqueIntegers(const Numbers& numbers) {
    std::vector<double> values;
    for (const double value : numbers) {
        if (std::isnan(value))
            continue;
        if (value != std::floor(value) || std::abs(value) > kLargestExact)
            return false;
        values.push_back(value);
        // A repeat near the beginning spares most columns the sort of all.
        if (values.size() == 1'000) {
            std::vector<double> start = values;
            std::ranges::sort(start);
            if (std::ranges::adjacent_find(start) != start.end())
                return false;
        }
    }
    std::ranges::sort(values);
    return values.size() >= kFewestForIdentifier && std::ranges::adjacent_find(values) == values.end();
}

bool isIdentifier(const Column& column) {
    if (column.type == FieldType::Number)
        return areUniqueIntegers(column.numbers);
    const auto present = static_cast<double>(column.size() - column.missing);
    return column.type == FieldType::Category && present >= kFewestForIdentifier &&
           static_cast<double>(column.categories.size()) >= kIdentifierShare * present;
}

} // namespace

bool isFeature(const Column& column, const QualitySubject& subject) {
    return column.name != subject.label && !subject.ignored.contains(column.name);
}

QualityCheck checkMissing(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject) {
    QualityCheck check{.name = "missing", .value = 0, .limit = limits.maximumMissing};
    std::vector<QualityColumn> beyond;
    for (const Column& column : table.columns) {
        if (column.name == subject.label || column.missing == 0)
            continue;
        const double share = static_cast<double>(column.missing) / static_cast<double>(table.rows);
        const bool failed = share > limits.maximumMissing;
        check.columns.push_back({column.name, share, failed ? QualityVerdict::Fail : QualityVerdict::Pass});
        if (!failed)
            continue;
        beyond.push_back(check.columns.back());
        for (std::size_t row = 0; row < table.rows && check.cells.size() < kQualityCells; ++row) {
            if (column.type == FieldType::Category ? column.codes[row] < 0 : std::isnan(column.numbers[row])) {
                check.cells.push_back(exampleCell(column, row));
                break;
            }
        }
    }
    keepWorst(check);
    std::ranges::stable_sort(beyond, std::ranges::greater{}, &QualityColumn::value);
    if (check.columns.empty()) {
        check.sentence = "No cell is missing.";
        return check;
    }
    check.value = check.columns.front().value;
    check.verdict = beyond.empty() ? QualityVerdict::Pass : QualityVerdict::Fail;
    check.sentence =
        beyond.empty()
            ? fmt::format("{} misses most: {} of its cells, at most {} may.", shownText(check.columns.front().name),
                          formatPercent(*check.value), formatPercent(limits.maximumMissing))
            : fmt::format("{} {} more than {} of {} cells; {} misses {}.", namesOf(beyond),
                          beyond.size() == 1 ? "misses" : "miss", formatPercent(limits.maximumMissing),
                          beyond.size() == 1 ? "its" : "their", shownText(beyond.front().name),
                          formatPercent(beyond.front().value));
    return check;
}

QualityCheck checkConstant(const Table& table, const QualitySubject& subject) {
    QualityCheck check{.name = "constant"};
    for (const Column& column : table.columns) {
        if (isFeature(column, subject) && isConstant(column))
            check.columns.push_back({column.name, 1, QualityVerdict::Warn});
    }
    check.value = static_cast<double>(check.columns.size());
    check.sentence = "Every column has more than one value.";
    if (!check.columns.empty()) {
        check.verdict = QualityVerdict::Warn;
        check.sentence =
            fmt::format("{} {} one value only and {} nothing.", namesOf(check.columns),
                        check.columns.size() == 1 ? "has" : "have", check.columns.size() == 1 ? "teaches" : "teach");
    }
    keepWorst(check);
    return check;
}

QualityCheck checkIdentifiers(const Table& table, const QualitySubject& subject) {
    QualityCheck check{.name = "identifiers"};
    for (const Column& column : table.columns) {
        if (!isFeature(column, subject) || column.name == subject.timeColumn || !isIdentifier(column))
            continue;
        check.columns.push_back({column.name, 1, QualityVerdict::Warn});
        if (check.cells.size() < kQualityCells)
            check.cells.push_back(exampleCell(column, 0));
    }
    check.value = static_cast<double>(check.columns.size());
    check.sentence = "No column differs in nearly every row.";
    if (!check.columns.empty()) {
        check.verdict = QualityVerdict::Warn;
        check.sentence = fmt::format("{} {} in nearly every row, like an identifier; leave {} out of the training.",
                                     namesOf(check.columns), check.columns.size() == 1 ? "differs" : "differ",
                                     check.columns.size() == 1 ? "it" : "them");
    }
    keepWorst(check);
    return check;
}

} // namespace perch::data
