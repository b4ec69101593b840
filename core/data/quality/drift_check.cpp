#include "core/data/quality/drift_check.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/stats/psi.h"

#include <algorithm>

namespace perch::data {

namespace {

constexpr double kMajorShift = 0.25;
constexpr std::size_t kMeasuredRows = 200'000;

std::vector<std::uint64_t> countsIn(const FeatureBins& bins, const Column& column, std::size_t step) {
    std::vector<std::uint64_t> counts(bins.labels.size());
    if (column.type != FieldType::Category) {
        for (std::size_t row = 0; row < column.numbers.size(); row += step)
            ++counts[bins.binOfNumber(column.numbers[row])];
        return counts;
    }
    // The profile does not list its rarer categories: where it counted some, one that it does not name is one of them.
    const auto other = std::ranges::find(bins.labels, kOtherBin) - bins.labels.begin();
    const bool hasOther = bins.counts[static_cast<std::size_t>(other)] > 0;
    std::vector<std::size_t> binOfCode;
    for (const std::string& category : column.categories) {
        const bool named = std::ranges::find(bins.labels, categoryBinLabel(category)) != bins.labels.end();
        binOfCode.push_back(bins.binOfCategory(category, named || hasOther));
    }
    for (std::size_t row = 0; row < column.codes.size(); row += step) {
        const std::int32_t code = column.codes[row];
        ++counts[code < 0 ? bins.binOfMissing() : binOfCode[static_cast<std::size_t>(code)]];
    }
    return counts;
}

/// Nothing if the feature cannot be compared.
std::optional<double> psiOf(const Table& table, const FeatureBins& bins, std::size_t step) {
    const std::optional<std::size_t> index = table.find(bins.feature);
    if (!index || table.columns[*index].type != bins.type)
        return std::nullopt;
    return stats::psi(bins.counts, countsIn(bins, table.columns[*index], step));
}

std::string previousText(const QualitySubject& subject) {
    return subject.previousName.empty() ? "the previous training"
                                        : fmt::format("the training of {}", subject.previousName);
}

} // namespace

QualityCheck checkDrift(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject) {
    const ReferenceProfile& previous = *subject.previous;
    QualityCheck check{.name = "drift", .verdict = QualityVerdict::NoData, .limit = limits.maximumDrift};
    if (std::min<std::uint64_t>(previous.rows, table.rows) < stats::kMinimumDriftRows) {
        check.sentence =
            fmt::format("{} rows now and {} in {}: drift needs {} on both sides.", formatCount(table.rows),
                        formatCount(previous.rows), previousText(subject), formatCount(stats::kMinimumDriftRows));
        return check;
    }
    const double bound = limits.maximumDrift.value_or(kMajorShift);
    const QualityVerdict beyond = limits.maximumDrift ? QualityVerdict::Fail : QualityVerdict::Warn;
    const std::size_t step = std::max<std::size_t>(1, table.rows / kMeasuredRows);
    std::vector<std::string> incomparable;
    for (const FeatureBins& bins : previous.features) {
        const std::optional<double> psi = psiOf(table, bins, step);
        table.release();
        if (psi)
            check.columns.push_back({bins.feature, *psi, *psi > bound ? beyond : QualityVerdict::Pass});
        else
            incomparable.push_back(bins.feature);
    }
    const std::string left = incomparable.empty() ? ""
                                                  : fmt::format(" {} cannot be compared: gone, or of another type.",
                                                                shownText(incomparable.front()));
    if (check.columns.empty()) {
        check.sentence = fmt::format("No column can be compared with {}.{}", previousText(subject), left);
        return check;
    }
    std::ranges::stable_sort(check.columns, std::ranges::greater{}, &QualityColumn::value);
    const QualityColumn& worst = check.columns.front();
    check.value = worst.value;
    check.verdict = worst.verdict;
    if (check.verdict == QualityVerdict::Pass && !incomparable.empty())
        check.verdict = QualityVerdict::Warn;
    const auto drifted = std::ranges::count_if(
        check.columns, [](const QualityColumn& column) { return column.verdict != QualityVerdict::Pass; });
    check.sentence = fmt::format("{} of {} columns drifted against {}; {} most, with a PSI of {} / {}.{}", drifted,
                                 check.columns.size(), previousText(subject), shownText(worst.name),
                                 formatDecimal(worst.value, 2), formatDecimal(bound, 2), left);
    if (check.columns.size() > kQualityColumns)
        check.columns.resize(kQualityColumns);
    return check;
}

} // namespace perch::data
