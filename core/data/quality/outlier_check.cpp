#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/data/quality/column_checks.h"

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

constexpr std::size_t kSample = 100'000;
constexpr std::size_t kFewestValues = 100;
constexpr double kTailShare = 0.0001;
constexpr std::size_t kSmallestTail = 5;
constexpr double kByFar = 10;

/// Beyond these a number is an outlier.
struct Bounds {
    double low = 0, high = 0;
};

/// Learned from every n-th value. A side on which the far percentile is the median has no bound: most values are one
/// and the same there, and any other would be infinitely far.
std::optional<Bounds> boundsOf(const Numbers& numbers) {
    std::vector<double> values;
    const std::size_t step = std::max<std::size_t>(1, numbers.size() / kSample);
    for (std::size_t i = 0; i < numbers.size(); i += step) {
        if (!std::isnan(numbers[i]))
            values.push_back(numbers[i]);
    }
    if (values.size() < kFewestValues)
        return std::nullopt;
    const auto tail =
        std::max(kSmallestTail, static_cast<std::size_t>(kTailShare * static_cast<double>(values.size())));
    const auto at = [&](std::size_t rank) {
        std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(rank));
        return values[rank];
    };
    const double median = at(values.size() / 2), low = at(tail), high = at(values.size() - 1 - tail);
    constexpr double kNone = std::numeric_limits<double>::infinity();
    return Bounds{low < median ? median - kByFar * (median - low) : -kNone,
                  high > median ? median + kByFar * (high - median) : kNone};
}

} // namespace

QualityCheck checkOutliers(const Table& table, const QualitySubject& subject) {
    QualityCheck check{.name = "outliers", .value = 0};
    std::uint64_t total = 0;
    for (const Column& column : table.columns) {
        if (column.type != FieldType::Number || !isFeature(column, subject))
            continue;
        const std::optional<Bounds> bounds = boundsOf(column.numbers);
        std::uint64_t count = 0;
        for (std::size_t row = 0; bounds && row < column.numbers.size(); ++row) {
            if (!(column.numbers[row] < bounds->low || column.numbers[row] > bounds->high))
                continue;
            ++count;
            if (check.cells.size() < kQualityCells)
                check.cells.push_back(exampleCell(column, row));
        }
        column.release();
        if (count > 0)
            check.columns.push_back({column.name, static_cast<double>(count), QualityVerdict::Warn});
        total += count;
    }
    std::ranges::stable_sort(check.columns, std::ranges::greater{}, &QualityColumn::value);
    check.value = static_cast<double>(total);
    check.sentence = "No number lies far beyond all others.";
    if (total > 0) {
        check.verdict = QualityVerdict::Warn;
        const QualityCell& first = check.cells.front();
        check.sentence = fmt::format("{} number{} in {} column{} {} far beyond all others, such as {} in {}, row {}.",
                                     formatCount(total), total == 1 ? "" : "s", check.columns.size(),
                                     check.columns.size() == 1 ? "" : "s", total == 1 ? "lies" : "lie", first.text,
                                     shownText(first.column), first.row);
    }
    if (check.columns.size() > kQualityColumns)
        check.columns.resize(kQualityColumns);
    return check;
}

} // namespace perch::data
