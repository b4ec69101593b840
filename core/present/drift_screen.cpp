#include "core/present/drift_screen.h"

#include "core/base/number_format.h"
#include "core/base/utf8.h"
#include "core/present/chart.h"
#include "core/present/words.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace perch::present {

namespace {

using drift::ColumnRole;
using drift::DriftedColumn;
using drift::DriftPreset;
using drift::DriftReport;

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

Tone scoreTone(State state) {
    return state == State::Fail ? Tone::Fail : state == State::NoData ? Tone::Muted : Tone::Plain;
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
    if (column.unseen.rows > 0)
        return PERCH_TEXT("Drift", "%1 unseen: %2",
                          {formatPercent(column.unseen.share),
                           shownText(fmt::format("{}", fmt::join(column.unseen.examples, ", ")))});
    return column.missingChanged ? PERCH_TEXT("Drift", "missing %1", {formatPoints(column.missing->value)}) : Text();
}

Cell scoreCell(const DriftedColumn& column, State state) {
    if (!column.score)
        return {noneText(), Tone::Muted, State::NoData, verbatim(column.note)};
    Cell cell{verbatim(formatDecimal(*column.score, 2)), scoreTone(state), state};
    const std::string limit = formatDecimal(column.threshold, 2);
    cell.tooltip = column.interval
                       ? PERCH_TEXT("Drift", "%1, limit %2, 95 % interval %3–%4",
                                    {formatDecimal(*column.score, 3), limit, formatDecimal(column.interval->low, 3),
                                     formatDecimal(column.interval->high, 3)})
                       : PERCH_TEXT("Drift", "%1, limit %2", {formatDecimal(*column.score, 3), limit});
    return cell;
}

Text rankOf(const DriftedColumn& column, std::size_t position) {
    return column.role == ColumnRole::Label        ? PERCH_TEXT("Drift", "label")
           : column.role == ColumnRole::Prediction ? PERCH_TEXT("Drift", "prediction")
                                                   : verbatim(std::to_string(position + 1));
}

DriftRow makeRow(const DriftedColumn& column, std::size_t position, double alpha) {
    DriftRow row{.rank = rankOf(column, position), .feature = column.name};
    row.weight = column.importance > 0 ? verbatim(formatPercent(column.importance, 0)) : noneText();
    row.verdict = verdictOf(column, alpha);
    row.score = scoreCell(column, row.verdict.state);
    const double end = kBarLimits * column.threshold;
    row.position = column.score && end > 0 ? std::clamp(*column.score / end, 0.0, 1.0) : 0;
    row.limitPosition = 1 / kBarLimits;
    row.test = testName(column.method);
    row.statistic = statisticOf(column);
    row.p = column.adjustedP ? verbatim(formatPValue(*column.adjustedP))
            : column.p       ? verbatim(formatPValue(*column.p))
                             : noneText();
    row.remark = remarkOf(column);
    return row;
}

DriftHistogram makeHistogram(const DriftReport& report, std::size_t selected) {
    DriftHistogram histogram;
    if (report.columns.empty())
        return histogram;
    const DriftedColumn& column = report.columns[selected < report.columns.size() ? selected : 0];
    histogram.feature = column.name;
    histogram.referenceLegend = PERCH_TEXT("Drift", "Reference: %1 rows", {formatCount(report.referenceRows)});
    histogram.currentLegend = PERCH_TEXT("Drift", "Current: %1 rows", {formatCount(report.currentRows)});
    double highest = 0;
    for (const drift::DriftBin& bin : column.bins) {
        histogram.bars.push_back({verbatim(bin.label), bin.reference, bin.current});
        highest = std::max({highest, bin.reference, bin.current});
    }
    if (histogram.bars.empty()) {
        histogram.emptyText =
            column.note.empty() ? PERCH_TEXT("Drift", "This preset keeps no bins.") : verbatim(column.note);
        return histogram;
    }
    const Axis axis = niceAxis(0, highest * 100);
    histogram.high = std::min(1.0, axis.high / 100);
    histogram.tickStep = axis.step / 100;
    return histogram;
}

Chip dataSetVerdict(const DriftReport& report) {
    if (!report.drifted)
        return report.columns.empty() ? Chip{State::NoData, PERCH_TEXT("Drift", "No data")}
                                      : Chip{State::Undecided, PERCH_TEXT("Drift", "Undecided")};
    return *report.drifted ? Chip{State::Fail, PERCH_TEXT("Drift", "Over limit")}
                           : Chip{State::Pass, PERCH_TEXT("Drift", "Within the limit")};
}

} // namespace

DriftScreen makeDriftScreen(const std::string& model, const DriftReport& report, double alpha, std::size_t selected) {
    DriftScreen screen;
    const bool perch = report.preset == DriftPreset::Perch;
    screen.title = PERCH_TEXT("Drift", "Drift %1", {model});
    screen.verdict = dataSetVerdict(report);
    const std::optional<double> score = perch ? report.score : std::optional(report.share);
    screen.score = {score
                        ? verbatim(fmt::format("{} / {}", formatDecimal(*score, 2), formatDecimal(report.threshold, 2)))
                        : noneText(),
                    scoreTone(screen.verdict.state), screen.verdict.state, verbatim(report.reason)};
    if (report.interval)
        screen.scoreInterval = verbatim(
            fmt::format("{}–{}", formatDecimal(report.interval->low, 2), formatDecimal(report.interval->high, 2)));
    screen.reason = verbatim(report.reason);
    std::size_t features = 0, over = 0;
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
        const DriftedColumn& column = report.columns[i];
        screen.rows.push_back(makeRow(column, i, alpha));
        features += column.role == ColumnRole::Feature;
        over += column.role == ColumnRole::Feature && column.drifted == true;
    }
    screen.featuresOver = {PERCH_TEXT("Drift", "%1 of %2", {std::to_string(over), std::to_string(features)}),
                           over > 0 ? Tone::Fail : Tone::Plain, over > 0 ? State::Fail : State::Pass};
    screen.rankedNote = perch ? PERCH_TEXT("Drift", "%1 features, false discovery rate %2 (Benjamini-Yekutieli)",
                                           {std::to_string(features), formatPercent(alpha, 0)})
                              : PERCH_TEXT("Drift", "%1 features, each tested by itself", {std::to_string(features)});
    screen.histogram = makeHistogram(report, selected);
    screen.status.text =
        perch ? PERCH_TEXT("Drift", "The score is the mean PSI, weighted by importance where a model is known.")
              : PERCH_TEXT("Drift", "The score is the share of columns that drift.");
    return screen;
}

DriftScreen makeEmptyDriftScreen(const std::string& model) {
    DriftScreen screen;
    screen.title = PERCH_TEXT("Drift", "Drift %1", {model});
    screen.verdict = {State::NoData, PERCH_TEXT("Drift", "No data")};
    screen.score = {noneText(), Tone::Muted, State::NoData};
    screen.featuresOver = {noneText(), Tone::Muted, State::NoData};
    screen.empty = {.text = PERCH_TEXT("Drift", "Nothing has been compared yet. Compare two tables."),
                    .button = PERCH_TEXT("Drift", "Copy the command"),
                    .copy = "perch drift --reference training.csv --current recent.csv --package FOLDER",
                    .shown = true};
    return screen;
}

} // namespace perch::present
