#include "core/data/quality/time_check.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

/// The test part may be this much off its share before a person should know.
constexpr double kTolerance = 0.5;

std::vector<double> timesOf(const Column& column) {
    if (column.type != FieldType::Category)
        return {column.numbers.begin(), column.numbers.end()};
    std::vector<double> times;
    for (const std::int32_t code : column.codes) // categories are in the order of their bytes
        times.push_back(code < 0 ? std::nan("") : static_cast<double>(code));
    return times;
}

} // namespace

QualityCheck checkTimeOrder(const Table& table, const QualitySubject& subject) {
    QualityCheck check{.name = "time order", .column = subject.timeColumn, .limit = subject.testShare};
    const std::string name = shownText(subject.timeColumn);
    const std::optional<std::size_t> index = table.find(subject.timeColumn);
    if (!index)
        return failed(std::move(check),
                      fmt::format("The split by time needs the column \"{}\", which is not there.", name));
    const Column& column = table.columns[*index];
    const std::vector<double> times = timesOf(column);
    const auto gap = std::ranges::find_if(times, [](double time) { return std::isnan(time); });
    if (gap != times.end()) {
        const auto row = static_cast<std::size_t>(gap - times.begin());
        check.cells.push_back(exampleCell(column, row));
        return failed(std::move(check), fmt::format("The time {} is missing in {} rows, first in row {}: a split by "
                                                    "time cannot place them.",
                                                    name, formatCount(column.missing), row + 1));
    }
    std::vector<double> sorted = times;
    const auto cutAt = static_cast<std::ptrdiff_t>(std::clamp<double>(
        std::floor(static_cast<double>(table.rows) * (1 - subject.testShare)), 0, static_cast<double>(table.rows - 1)));
    std::ranges::nth_element(sorted, sorted.begin() + cutAt);
    const double cut = sorted[static_cast<std::size_t>(cutAt)];
    const auto isNewer = [&](double time) { return time >= cut; };
    const auto newer = std::ranges::count_if(times, isNewer);
    if (newer == static_cast<std::ptrdiff_t>(times.size()))
        return failed(std::move(check),
                      fmt::format("No time in {} divides the rows: {} of them are of the earliest one.", name,
                                  formatPercent(static_cast<double>(std::ranges::count(times, cut)) /
                                                static_cast<double>(times.size()))));
    const double share = static_cast<double>(newer) / static_cast<double>(times.size());
    check.value = share;
    const auto first = static_cast<std::size_t>(std::ranges::find(times, cut) - times.begin());
    const bool near = std::abs(share - subject.testShare) <= kTolerance * subject.testShare;
    check.verdict = near ? QualityVerdict::Pass : QualityVerdict::Warn;
    check.sentence = fmt::format(
        "From {} {} on, {} of the rows are the test part{}.", name, cellText(column, first), formatPercent(share),
        near ? ""
             : fmt::format(" where {} were asked for: many rows share one time", formatPercent(subject.testShare)));
    return check;
}

} // namespace perch::data
