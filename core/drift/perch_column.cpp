#include "core/drift/perch_column.h"

#include "core/data/profile_builder.h"
#include "core/stats/psi.h"
#include "core/stats/two_sample.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::drift {

namespace {

constexpr std::size_t kUnseenExamples = 5;

using Counts = std::vector<std::uint64_t>;

struct PairedBins {
    std::vector<std::string> labels;
    Counts reference, current;
    std::vector<DriftBin::Range> ranges = {}; ///< of the first bins, where they hold ranges of numbers
};

/// What lies between the edges: one range more than there are edges.
std::vector<DriftBin::Range> rangesOf(const std::vector<double>& edges) {
    std::vector<DriftBin::Range> ranges(edges.size() + 1);
    for (std::size_t i = 0; i < edges.size(); ++i)
        ranges[i].high = ranges[i + 1].low = edges[i];
    return ranges;
}

/// The bins of one column, learned from the reference, with its counts.
data::FeatureBins binsOf(const data::Column& column, const data::RowTransform& transform) {
    data::Table single;
    single.columns = {column};
    single.rows = column.size();
    const std::array<double, 1> gain{1};
    return std::move(data::buildProfile(single, transform, data::allRows(single.rows), gain).features.front());
}

/// A reference of one value: that value, any other, missing.
Counts countsAround(double only, const data::Column& column) {
    Counts counts(3);
    for (const double value : column.numbers)
        ++counts[std::isnan(value) ? 2 : data::toModelNumber(value) == data::toModelNumber(only) ? 0 : 1];
    return counts;
}

PairedBins numberBins(const data::Column& reference, const data::Column& current) {
    const data::RowTransform transform({data::Field{.name = reference.name, .type = reference.type}});
    const data::FeatureBins bins = binsOf(reference, transform);
    const auto only = std::ranges::find_if(reference.numbers, [](double value) { return !std::isnan(value); });
    if (reference.type == data::FieldType::Number && bins.edges.empty() && only != reference.numbers.end())
        return {{fmt::format("{}", *only), std::string(data::kOtherBin), std::string(data::kMissingBin)},
                countsAround(*only, reference),
                countsAround(*only, current)};
    PairedBins paired{bins.labels, bins.counts, Counts(bins.labels.size())};
    if (reference.type == data::FieldType::Number)
        paired.ranges = rangesOf(bins.edges);
    for (const double value : current.numbers)
        ++paired.current[bins.binOfNumber(value)];
    return paired;
}

PairedBins categoryBins(const data::Column& reference, const data::Column& current, UnseenValues& unseen) {
    const data::RowTransform transform(
        {data::Field{.name = reference.name, .type = data::FieldType::Category, .categories = reference.categories}});
    const data::FeatureBins bins = binsOf(reference, transform);
    Counts ofCode(current.categories.size());
    PairedBins paired{bins.labels, bins.counts, Counts(bins.labels.size())};
    for (const std::int32_t code : current.codes)
        ++(code < 0 ? paired.current[bins.binOfMissing()] : ofCode[static_cast<std::size_t>(code)]);
    std::vector<std::pair<std::uint64_t, std::string_view>> fresh;
    for (std::size_t code = 0; code < ofCode.size(); ++code) {
        const std::string& category = current.categories[code];
        const bool known = transform.knows(0, category);
        paired.current[bins.binOfCategory(category, known)] += ofCode[code];
        if (!known && ofCode[code] > 0) {
            fresh.emplace_back(ofCode[code], category);
            unseen.rows += ofCode[code];
        }
    }
    std::ranges::stable_sort(fresh, std::ranges::greater{}, [](const auto& value) { return value.first; });
    for (std::size_t i = 0; i < std::min(fresh.size(), kUnseenExamples); ++i)
        unseen.examples.emplace_back(fresh[i].second);
    unseen.share = static_cast<double>(unseen.rows) / static_cast<double>(std::max<std::size_t>(current.size(), 1));
    return paired;
}

void addDistances(const data::Column& reference, const data::Column& current, DriftedColumn& column) {
    const stats::SortedSample before(reference.finiteNumbers()), after(current.finiteNumbers());
    if (const auto distance = stats::kolmogorovSmirnovDistance(before, after))
        column.distances["ks"] = *distance;
    if (const auto distance = stats::normedWasserstein(before, after))
        column.distances["normed_wasserstein"] = *distance;
}

std::vector<DriftBin> sharesOf(const PairedBins& bins, std::size_t referenceRows, std::size_t currentRows) {
    std::vector<DriftBin> shares;
    for (std::size_t i = 0; i < bins.labels.size(); ++i)
        shares.push_back({bins.labels[i], static_cast<double>(bins.reference[i]) / static_cast<double>(referenceRows),
                          static_cast<double>(bins.current[i]) / static_cast<double>(currentRows),
                          i < bins.ranges.size() ? std::optional(bins.ranges[i]) : std::nullopt});
    return shares;
}

bool hasNoValues(const data::Column& column) {
    return column.missing == column.size();
}

/// A side without values compares as missing against the other side's bins.
data::Column withType(const data::Column& column, const data::Column& like) {
    if (column.type == like.type)
        return column;
    data::Column empty{.name = column.name, .type = like.type, .missing = column.missing};
    if (like.type == data::FieldType::Category)
        empty.codes.assign(column.size(), -1);
    else
        empty.numbers.assign(column.size(), std::nan(""));
    return empty;
}

} // namespace

DriftedColumn measureAsPerch(const data::Column& reference, const data::Column& current) {
    if (reference.type != current.type)
        return hasNoValues(reference) ? measureAsPerch(withType(reference, current), current)
                                      : measureAsPerch(reference, withType(current, reference));
    DriftedColumn column{.method = "psi", .threshold = kColumnPsi};
    const bool category = reference.type == data::FieldType::Category;
    const PairedBins bins = category ? categoryBins(reference, current, column.unseen) : numberBins(reference, current);
    column.score = stats::psi(bins.reference, bins.current);
    if (hasNoValues(reference) && hasNoValues(current)) {
        column.score.reset();
        column.note = "There are no values on either side.";
        return column;
    }
    column.bins = sharesOf(bins, reference.size(), current.size());
    column.interval = stats::psiInterval(bins.reference, bins.current);
    if (const auto test = stats::chiSquareHomogeneity(bins.reference, bins.current))
        column.p = test->p;
    if (const auto distance = stats::jensenShannonDistance(bins.reference, bins.current))
        column.distances["jensen_shannon"] = *distance;
    if (reference.type == data::FieldType::Number)
        addDistances(reference, current, column);
    return column;
}

} // namespace perch::drift
