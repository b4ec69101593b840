#include "core/data/quality/label_checks.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/data/quality/column_checks.h"
#include "core/data/quality/single_column_auc.h"

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

constexpr double kRareShare = 0.01;
constexpr std::uint64_t kFewestOfClass = 3;
constexpr double kLeaking = 0.995;
constexpr std::size_t kLeakageRows = 50'000;
constexpr std::size_t kFewestPairs = 20;

QualityCheck checkNumbers(QualityCheck check, const LabelView& label, const std::string& name) {
    check.limit.reset();
    const auto [least, most] = std::ranges::minmax(label.numbers);
    if (least == most)
        return failed(std::move(check), fmt::format("The label {} has one value, {}.", name, shownNumber(least)));
    check.sentence =
        fmt::format("The label {} is a number from {} to {}.", name, shownNumber(least), shownNumber(most));
    return check;
}

std::vector<std::uint32_t> sampledRows(std::size_t rows) {
    std::vector<std::uint32_t> sample;
    for (std::size_t row = 0; row < rows; row += std::max<std::size_t>(1, rows / kLeakageRows))
        sample.push_back(static_cast<std::uint32_t>(row));
    return sample;
}

/// Pearson's correlation without its sign; nothing for too few pairs or a side without spread.
std::optional<double> correlation(const Column& column, const LabelView& label,
                                  const std::vector<std::uint32_t>& rows) {
    std::vector<std::pair<double, double>> pairs;
    double meanX = 0, meanY = 0;
    for (const std::uint32_t row : rows) {
        if (std::isnan(column.numbers[row]) || std::isnan(label.numbers[row]))
            continue;
        pairs.emplace_back(column.numbers[row], label.numbers[row]);
        meanX += pairs.back().first;
        meanY += pairs.back().second;
    }
    if (pairs.size() < kFewestPairs)
        return std::nullopt;
    meanX /= static_cast<double>(pairs.size());
    meanY /= static_cast<double>(pairs.size());
    double xx = 0, yy = 0, xy = 0;
    for (const auto& [x, y] : pairs) {
        xx += (x - meanX) * (x - meanX);
        yy += (y - meanY) * (y - meanY);
        xy += (x - meanX) * (y - meanY);
    }
    if (!(xx > 0) || !(yy > 0))
        return std::nullopt;
    return std::abs(xy) / std::sqrt(xx * yy);
}

struct Leak {
    double strength = 0;
    std::string sentence;
};

std::optional<Leak> leakOf(const Column& column, const LabelView& label, const std::vector<std::uint32_t>& rows) {
    const std::string name = shownText(column.name);
    if (label.isNumber) {
        if (column.type == FieldType::Category)
            return std::nullopt;
        const std::optional<double> strength = correlation(column, label, rows);
        if (!strength)
            return std::nullopt;
        return Leak{*strength, fmt::format("{} has a correlation of {} with it", name, formatDecimal(*strength, 4))};
    }
    const std::optional<SingleColumnAuc> found = singleColumnAuc(column, label, rows);
    if (!found)
        return std::nullopt;
    const std::string how = found->by == SingleColumnAuc::By::Missing ? "by whether it is missing " : "";
    return Leak{found->auc,
                fmt::format("{} alone tells \"{}\" apart {}with an AUC of {}", name,
                            shownText(label.classes[found->classIndex]), how, formatDecimal(found->auc, 4))};
}

} // namespace

QualityCheck checkLabel(const Table& table, const spec::QualitySpec& limits, const LabelView& label) {
    const Column& column = *label.column;
    const std::string name = shownText(column.name);
    QualityCheck check{.name = "label", .column = column.name, .limit = limits.minimumClassShare};
    if (column.missing > 0) {
        for (std::size_t row = 0; row < table.rows && check.cells.size() < kQualityCells; ++row) {
            if (label.isNumber ? std::isnan(label.numbers[row]) : label.classOf[row] < 0)
                check.cells.push_back(exampleCell(column, row));
        }
        return failed(std::move(check),
                      fmt::format("The label {} is missing in {} of {} rows, first in row {}.", name,
                                  formatCount(column.missing), formatCount(table.rows), check.cells.front().row));
    }
    if (label.isNumber)
        return checkNumbers(std::move(check), label, name);
    if (label.classes.size() < 2)
        return failed(std::move(check), fmt::format("The label {} has one class, \"{}\"; two are needed.", name,
                                                    label.classes.empty() ? "" : shownText(label.classes.front())));
    const auto rarest = std::ranges::min_element(label.counts);
    const std::string rare = shownText(label.classes[static_cast<std::size_t>(rarest - label.counts.begin())]);
    const double share = static_cast<double>(*rarest) / static_cast<double>(table.rows);
    check.value = share;
    for (std::size_t c = 0; c < label.classes.size() && check.columns.size() < kQualityColumns; ++c)
        check.columns.push_back({label.classes[c],
                                 static_cast<double>(label.counts[c]) / static_cast<double>(table.rows),
                                 QualityVerdict::Pass});
    if (*rarest < kFewestOfClass)
        return failed(std::move(check), fmt::format("The class \"{}\" of the label {} has {} row{}; three are needed.",
                                                    rare, name, *rarest, *rarest == 1 ? "" : "s"));
    const bool tooRare = share < limits.minimumClassShare;
    check.verdict = tooRare ? QualityVerdict::Fail : share < kRareShare ? QualityVerdict::Warn : QualityVerdict::Pass;
    check.sentence = fmt::format("The rarest of {} classes of {} is \"{}\" with {} rows, {}{}.", label.classes.size(),
                                 name, rare, formatCount(*rarest), formatPercent(share, 2),
                                 limits.minimumClassShare > 0 ? fmt::format(" where at least {} are needed",
                                                                            formatPercent(limits.minimumClassShare, 2))
                                                              : "");
    return check;
}

QualityCheck checkLeakage(const Table& table, const QualitySubject& subject, const LabelView& label) {
    QualityCheck check{.name = "leakage", .verdict = QualityVerdict::NoData, .limit = kLeaking};
    const std::vector<std::uint32_t> rows = sampledRows(table.rows);
    std::string worst;
    for (const Column& column : table.columns) {
        if (!isFeature(column, subject))
            continue;
        const std::optional<Leak> leak = leakOf(column, label, rows);
        column.release();
        if (!leak)
            continue;
        check.columns.push_back(
            {column.name, leak->strength, leak->strength > kLeaking ? QualityVerdict::Warn : QualityVerdict::Pass});
        if (leak->strength <= check.value.value_or(0))
            continue;
        check.value = leak->strength;
        worst = leak->sentence;
    }
    if (!check.value) {
        check.sentence = "There are too few rows to see whether a column gives the label away.";
        return check;
    }
    std::ranges::stable_sort(check.columns, std::ranges::greater{}, &QualityColumn::value);
    const auto leaking = std::ranges::count(check.columns, QualityVerdict::Warn, &QualityColumn::verdict);
    check.verdict = leaking > 0 ? QualityVerdict::Warn : QualityVerdict::Pass;
    check.sentence = leaking == 0
                         ? fmt::format("No column gives the label away; {} at most.", worst)
                         : fmt::format("{} column{} may give the label away: {}. Is it known before what it predicts?",
                                       leaking, leaking == 1 ? "" : "s", worst);
    if (check.columns.size() > kQualityColumns)
        check.columns.resize(kQualityColumns);
    return check;
}

} // namespace perch::data
