#include "core/base/number_format.h"
#include "core/base/utf8.h"
#include "core/data/row/reference_profile.h"
#include "core/present/drift_parts.h"
#include "core/present/words.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace perch::present {

namespace {

using drift::ColumnRole;
using drift::DriftedColumn;
using drift::DriftPreset;

constexpr double kBarLimits = 3; // the bar ends at three times the limit

/// A change that chance does not explain, within the limit.
bool isReal(const DriftedColumn& column, double alpha) {
    return column.adjustedP && *column.adjustedP <= alpha;
}

Chip verdictOf(const DriftedColumn& column, double alpha) {
    if (!column.score)
        return {State::NoData, PERCH_TEXT("Drift", "No data")};
    if (!column.drifted)
        return {State::Undecided, PERCH_TEXT("Drift", "Undecided")};
    if (*column.drifted)
        return {State::Fail, PERCH_TEXT("Drift", "Over limit")};
    if (isReal(column, alpha) || column.missingChanged || column.unseen.rows > 0)
        return {State::Warning, PERCH_TEXT("Drift", "Small but real")};
    return {State::Pass, PERCH_TEXT("Drift", "No change seen")};
}

/// Evidently's tests give a p value as score: less is more drift.
bool scoreIsP(const DriftedColumn& column) {
    return column.method == "ks" || column.method == "chi_square" || column.method == "z";
}

Text testName(const std::string& method) {
    if (method == "psi")
        return PERCH_TEXT("Drift", "PSI");
    if (method == "ks")
        return PERCH_TEXT("Drift", "KS");
    if (method == "chi_square")
        return PERCH_TEXT("Drift", "Chi-squared");
    if (method == "z")
        return PERCH_TEXT("Drift", "Z");
    if (method == "jensen_shannon")
        return PERCH_TEXT("Drift", "Jensen-Shannon");
    return method.empty() ? noneText() : PERCH_TEXT("Drift", "Wasserstein");
}

/// `PSI / 0.10`: the score and its limit.
Text scoreCaption(const DriftedColumn& column) {
    const std::string limit = formatDecimal(column.threshold, 2);
    return column.method == "psi" ? PERCH_TEXT("Drift", "PSI / %1", {limit})
           : scoreIsP(column)     ? PERCH_TEXT("Drift", "p / %1", {limit})
                                  : PERCH_TEXT("Drift", "Score / %1", {limit});
}

/// Where the p value comes from: the PSI is judged by the chi-square test over the same bins.
Text testOf(const DriftedColumn& column) {
    return column.method == "psi" ? (column.p ? testName("chi_square") : noneText()) : testName(column.method);
}

/// The distance of the values, not of the bins.
Text statisticOf(const DriftedColumn& column) {
    if (const auto gap = column.distances.find("ks"); gap != column.distances.end())
        return PERCH_TEXT("Drift", "D %1", {formatDecimal(gap->second, 3)});
    if (const auto distance = column.distances.find("jensen_shannon"); distance != column.distances.end())
        return PERCH_TEXT("Drift", "JS %1", {formatDecimal(distance->second, 3)});
    return noneText();
}

Text remarkOf(const DriftedColumn& column) {
    if (!column.score)
        return verbatim(column.note);
    const std::string missing = column.missingChanged ? formatPoints(column.missing->value) : "";
    if (column.unseen.rows == 0)
        return missing.empty() ? Text() : PERCH_TEXT("Drift", "missing %1", {missing});
    const std::string share = formatPercent(column.unseen.share),
                      examples = shownText(fmt::format("{}", fmt::join(column.unseen.examples, ", ")));
    return missing.empty() ? PERCH_TEXT("Drift", "%1 unseen: %2", {share, examples})
                           : PERCH_TEXT("Drift", "missing %1, %2 unseen: %3", {missing, share, examples});
}

Cell scoreCell(const DriftedColumn& column, State state) {
    if (!column.score)
        return {noneText(), Tone::Muted, State::NoData, verbatim(column.note)};
    const Tone tone = state == State::Fail ? Tone::Fail : Tone::Plain;
    const std::string limit = formatDecimal(column.threshold, 2);
    if (scoreIsP(column))
        return {verbatim(formatPValue(*column.score)), tone, state,
                PERCH_TEXT("Drift", "p %1, level %2", {formatPValue(*column.score), limit})};
    Cell cell{verbatim(formatDecimal(*column.score, 2)), tone, state};
    cell.tooltip = column.interval
                       ? PERCH_TEXT("Drift", "%1, limit %2, 95 % interval %3–%4",
                                    {formatDecimal(*column.score, 3), limit, formatDecimal(column.interval->low, 3),
                                     formatDecimal(column.interval->high, 3)})
                       : PERCH_TEXT("Drift", "%1, limit %2", {formatDecimal(*column.score, 3), limit});
    return cell;
}

Text pText(const DriftedColumn& column) {
    const std::optional<double>& p = column.adjustedP ? column.adjustedP : column.p;
    return p ? verbatim(formatPValue(*p)) : noneText();
}

/// The effect that a column is ranked and drawn by.
class Effects {
public:
    explicit Effects(const drift::DriftRecord& record)
        : m_preset(record.drift.report.preset),
          m_accuracy(record.drift.accuracy ? &record.drift.accuracy->features : nullptr) {
        for (const DriftedColumn& column : record.drift.report.columns)
            m_most = std::max(m_most, std::abs(of(column).value_or(0)));
    }

    /// On the estimated accuracy if that is known, else the part of the score; nothing where neither counts.
    std::optional<double> of(const DriftedColumn& column) const {
        if (column.role != ColumnRole::Feature || !column.score)
            return std::nullopt;
        if (m_accuracy != nullptr) {
            const auto found = m_accuracy->find(column.name);
            return found == m_accuracy->end() ? std::nullopt : std::optional(found->second);
        }
        return m_preset == DriftPreset::Perch && column.importance > 0 ? std::optional(column.effect) : std::nullopt;
    }
    /// Larger is worse.
    double harm(const DriftedColumn& column) const {
        return m_accuracy != nullptr ? -of(column).value_or(0) : column.effect;
    }
    double share(const DriftedColumn& column) const {
        return m_most > 0 ? std::abs(of(column).value_or(0)) / m_most : 0;
    }
    Text text(const DriftedColumn& column) const {
        const std::optional<double> effect = of(column);
        if (!effect)
            return noneText();
        if (m_accuracy != nullptr)
            return std::abs(*effect) < drift::AccuracyEffects::kLeastShown ? noneText()
                                                                           : verbatim(formatPoints(*effect));
        return *effect > 0 && *effect < 5e-4 ? verbatim("< 0.001") : verbatim(formatDecimal(*effect, 3));
    }
    bool onAccuracy() const { return m_accuracy != nullptr; }

private:
    DriftPreset m_preset;
    const std::map<std::string, double>* m_accuracy;
    double m_most = 0;
};

DriftRow makeRow(const DriftedColumn& column, const Effects& effects, double alpha) {
    DriftRow row{.feature = column.name};
    const bool feature = column.role == ColumnRole::Feature;
    if (!feature && !column.name.starts_with("prediction"))
        row.role = column.role == ColumnRole::Label ? PERCH_TEXT("Drift", "label") : PERCH_TEXT("Drift", "prediction");
    row.weight = column.importance > 0 ? verbatim(formatPercent(column.importance, 0)) : noneText();
    row.verdict = verdictOf(column, alpha);
    row.score = scoreCell(column, row.verdict.state);
    if (const double end = kBarLimits * column.threshold; column.score && end > 0 && !scoreIsP(column))
        row.position = std::clamp(*column.score / end, 0.0, 1.0);
    row.limitPosition = 1 / kBarLimits;
    for (const drift::DriftBin& bin : column.bins)
        row.shape.push_back({bin.reference, bin.current});
    row.test = testOf(column);
    row.statistic = statisticOf(column);
    row.p = pText(column);
    row.effect = effects.text(column);
    row.effectShare = effects.share(column);
    row.effectHarms = effects.onAccuracy() ? effects.harm(column) > 0 : row.verdict.state == State::Fail;
    row.remark = remarkOf(column);
    return row;
}

/// Whether `a` stands before `b`; what was not measured comes last.
bool precedes(const DriftedColumn& a, const DriftedColumn& b, DriftOrder order, const Effects& effects) {
    if (a.role != b.role)
        return a.role == ColumnRole::Feature || (a.role == ColumnRole::Prediction && b.role == ColumnRole::Label);
    if (order == DriftOrder::Name)
        return a.name < b.name;
    if (a.score.has_value() != b.score.has_value() || !a.score)
        return a.score.has_value() && !b.score.has_value();
    if (order == DriftOrder::Effect)
        return effects.harm(a) > effects.harm(b);
    // Distances and p values do not compare: those that drift come first, then by how much.
    if (a.method != b.method && scoreIsP(a) != scoreIsP(b))
        return a.drifted == true && b.drifted != true;
    return scoreIsP(a) ? *a.score < *b.score : *a.score > *b.score;
}

/// A value on the axis, in about four characters.
std::string shortNumber(double value) {
    const double size = std::abs(value);
    if (size >= 1e6)
        return fmt::format("{:.3g}M", value / 1e6);
    if (size >= 1e4)
        return fmt::format("{:.3g}K", value / 1e3);
    return size >= 1'000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

DriftHistogram::Bar histogramBar(const drift::DriftBin& bin) {
    const DriftShares shares{bin.reference, bin.current};
    if (!bin.range)
        return {verbatim(shownText(bin.label)), {}, shares};
    const auto& [low, high] = *bin.range;
    if (!low && !high)
        return {PERCH_TEXT("Drift", "any value"), {}, shares};
    if (!high)
        return {PERCH_TEXT("Drift", "above %1", {shortNumber(*low)}), {}, shares};
    const Text edge = verbatim(shortNumber(*high));
    if (!low)
        return {PERCH_TEXT("Drift", "up to %1", {shortNumber(*high)}), edge, shares};
    return {PERCH_TEXT("Drift", "%1 to %2", {shortNumber(*low), shortNumber(*high)}), edge, shares};
}

/// The bars and their axis; leaves the histogram without bars if no bin holds a row.
void addBars(const std::vector<drift::DriftBin>& bins, DriftHistogram& histogram) {
    histogram.ranges = !bins.empty() && bins.front().range.has_value();
    for (const drift::DriftBin& bin : bins)
        histogram.bars.push_back(histogramBar(bin));
    // `missing`, `other` and `unseen` are always there; without rows they say nothing.
    std::erase_if(histogram.bars, [](const auto& bar) {
        return bar.shares.reference == 0 && bar.shares.current == 0 && bar.edge.empty();
    });
    double highest = 0;
    for (const auto& bar : histogram.bars)
        highest = std::max({highest, bar.shares.reference, bar.shares.current});
    const Axis axis = niceAxis(0, highest * 100);
    histogram.high = std::min(1.0, axis.high / 100);
    histogram.tickStep = axis.step / 100;
}

/// Ranges from low to high, then categories with the most frequent of the reference first, then what is none.
std::vector<drift::DriftBin> sortedBins(const std::vector<telemetry::LiveBin>& live) {
    struct Placed {
        std::tuple<int, double> place;
        drift::DriftBin bin;
    };
    std::vector<Placed> placed;
    for (const telemetry::LiveBin& bin : live) {
        Placed& entry = placed.emplace_back();
        entry.bin = {.label = bin.label, .reference = bin.reference, .current = bin.current};
        if (const auto range = data::rangeOfBinLabel(bin.label)) {
            const auto end = [](double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; };
            entry.bin.range = {end(range->first), end(range->second)};
            entry.place = {0, range->first};
        } else {
            const bool reserved =
                bin.label == data::kOtherBin || bin.label == data::kMissingBin || bin.label == data::kUnseenBin;
            entry.place = {reserved ? 2 : 1, -bin.reference};
        }
    }
    std::ranges::stable_sort(placed, std::less{}, &Placed::place);
    std::vector<drift::DriftBin> bins;
    for (Placed& entry : placed)
        bins.push_back(std::move(entry.bin));
    return bins;
}

} // namespace

DriftHistogram makeLiveHistogram(const fleet::ModelFacts& model, const fleet::VersionFacts& version,
                                 const fleet::FeatureDrift& feature) {
    DriftHistogram histogram{.feature = feature.feature};
    histogram.referenceLegend = PERCH_TEXT("Drift", "Reference: %1 training", {version.version.text()});
    histogram.currentLegend = PERCH_TEXT("Drift", "Current: last %1, %2 rows",
                                         {formatAge(feature.psi.window), formatCount(feature.psi.sampleSize)});
    addBars(sortedBins(feature.bins), histogram);
    if (histogram.bars.empty())
        histogram.emptyText = PERCH_TEXT("Drift", "No request has been counted in this window.");
    Cell score = quantityCell(verbatim(feature.feature), feature.psi, Unit::Decimal2, feature.psi.age);
    if (isCurrent(feature.psi) && *feature.psi.value > model.driftLimit)
        score.tone = Tone::Fail;
    histogram.figures = {
        {PERCH_TEXT("Drift", "PSI / %1", {formatDecimal(model.driftLimit, 2)}), score, {}},
        {PERCH_TEXT("Drift", "Weight"), {verbatim(formatPercent(feature.importance, 0))}, {}},
        {PERCH_TEXT("Drift", "Effect on score"),
         {feature.psi.value ? verbatim(formatDecimal(feature.importance * *feature.psi.value, 3)) : noneText()},
         {}}};
    return histogram;
}

std::vector<DriftRow> makeDriftRows(const drift::DriftRecord& record, DriftOrder order) {
    const drift::DriftReport& report = record.drift.report;
    std::vector<const DriftedColumn*> columns;
    for (const DriftedColumn& column : report.columns)
        columns.push_back(&column);
    const Effects effects(record);
    std::ranges::stable_sort(columns, [&](const auto* a, const auto* b) { return precedes(*a, *b, order, effects); });
    std::vector<DriftRow> rows;
    for (const DriftedColumn* column : columns) {
        rows.push_back(makeRow(*column, effects, record.alpha));
        if (column->role == ColumnRole::Feature)
            rows.back().rank = verbatim(std::to_string(rows.size()));
    }
    return rows;
}

DriftHistogram makeDriftHistogram(const drift::ModelDrift& drift, const DriftedColumn& column, const DriftRow& row) {
    const drift::DriftReport& report = drift.report;
    DriftHistogram histogram{.feature = column.name};
    histogram.referenceLegend = PERCH_TEXT("Drift", "Reference: %1 rows", {formatCount(report.referenceRows)});
    histogram.currentLegend = PERCH_TEXT("Drift", "Current: %1 rows", {formatCount(report.currentRows)});
    histogram.remark = column.score ? row.remark : Text();
    addBars(column.bins, histogram);
    histogram.figures = {
        {scoreCaption(column), row.score, {}},
        {PERCH_TEXT("Drift", "Distance"), {row.statistic}, {}},
        {column.adjustedP ? PERCH_TEXT("Drift", "p, adjusted") : PERCH_TEXT("Drift", "p"), {row.p}, {}},
        {drift.accuracy ? PERCH_TEXT("Drift", "Accuracy, est.") : PERCH_TEXT("Drift", "Effect on score"),
         {row.effect},
         {}}};
    if (histogram.bars.empty()) {
        histogram.emptyText =
            column.note.empty() ? PERCH_TEXT("Drift", "This preset keeps no bins.") : verbatim(column.note);
    }
    return histogram;
}

} // namespace perch::present
