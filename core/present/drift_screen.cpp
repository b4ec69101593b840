#include "core/present/drift_screen.h"

#include "core/base/number_format.h"
#include "core/present/drift_parts.h"
#include "core/present/model_charts.h"
#include "core/present/words.h"

#include <algorithm>

namespace perch::present {

namespace {

using drift::ColumnRole;
using drift::DriftedColumn;
using drift::DriftPreset;
using drift::DriftRecord;
using drift::DriftReport;

constexpr std::size_t kStripRows = 14; // as many as fit beside the distribution

Chip dataSetVerdict(const DriftReport& report) {
    if (!report.drifted)
        return report.columns.empty() ? Chip{State::NoData, PERCH_TEXT("Drift", "No data")}
                                      : Chip{State::Undecided, PERCH_TEXT("Drift", "Undecided")};
    return *report.drifted ? Chip{State::Fail, PERCH_TEXT("Drift", "Over limit")}
                           : Chip{State::Pass, PERCH_TEXT("Drift", "Within the limit")};
}

Chip liveVerdict(const fleet::ModelFacts& model, const telemetry::LiveValue& drift) {
    if (drift.state == telemetry::LiveState::SourceDown)
        return {State::SourceDown, PERCH_TEXT("Drift", "Source down")};
    if (!hasNumber(drift))
        return {State::NoData, PERCH_TEXT("Drift", "No data")};
    if (!isCurrent(drift))
        return {State::Warning, PERCH_TEXT("Drift", "Stale")};
    return *drift.value > model.driftLimit ? Chip{State::Fail, PERCH_TEXT("Drift", "Over limit")}
                                           : Chip{State::Pass, PERCH_TEXT("Drift", "Within the limit")};
}

Text versionTitle(const DriftRecord& record) {
    return record.subject.empty() ? verbatim(record.model.text()) : verbatim(record.subject);
}

DriftFigure scoreFigure(const DriftReport& report) {
    const bool perch = report.preset == DriftPreset::Perch;
    const Chip verdict = dataSetVerdict(report);
    const std::optional<double> score = perch ? report.score : std::optional(report.share);
    DriftFigure figure{.caption =
                           perch ? PERCH_TEXT("Drift", "Measured score") : PERCH_TEXT("Drift", "Columns that drift")};
    const Tone tone = !score ? Tone::Muted : verdict.state == State::Fail ? Tone::Fail : Tone::Plain;
    const auto shown = [perch](double value) { return perch ? formatDecimal(value, 2) : formatPercent(value, 0); };
    figure.value = {score ? verbatim(fmt::format("{} / {}", shown(*score), shown(report.threshold))) : noneText(), tone,
                    verdict.state, verbatim(report.reason)};
    if (report.interval)
        figure.small = verbatim(fmt::format("{:.2f}–{:.2f}", report.interval->low, report.interval->high));
    return figure;
}

DriftFigure overFigure(const DriftReport& report) {
    std::size_t features = 0, over = 0;
    for (const DriftedColumn& column : report.columns) {
        features += column.role == ColumnRole::Feature;
        over += column.role == ColumnRole::Feature && column.drifted == true;
    }
    return {PERCH_TEXT("Drift", "Features over limit"),
            {PERCH_TEXT("Drift", "%1 of %2", {std::to_string(over), std::to_string(features)}),
             over > 0 ? Tone::Fail : Tone::Plain, over > 0 ? State::Fail : State::Pass},
            {}};
}

/// Of the feature that is selected, of those in the strip; the first one otherwise.
void addLiveHistogram(const DriftScreenInput& input, DriftScreen& screen) {
    const std::optional<Version> stable = input.served->route.stable;
    const fleet::VersionFacts* facts = stable ? input.served->find(*stable) : nullptr;
    if (facts == nullptr || screen.strip.rows.empty())
        return;
    const auto& features = facts->quality.features;
    const auto found = std::ranges::find(features, input.selected, &fleet::FeatureDrift::feature);
    screen.histogram = makeLiveHistogram(*input.served, *facts, found == features.end() ? features.front() : *found);
}

/// The scores of the versions that take traffic, each against its own reference.
void addLive(const DriftScreenInput& input, SystemTime now, DriftScreen& screen) {
    const fleet::ModelFacts& model = *input.served;
    for (const std::optional<Version>& version : {model.route.stable, model.route.canary}) {
        const fleet::VersionFacts* facts = version ? model.find(*version) : nullptr;
        if (facts == nullptr)
            continue;
        const telemetry::LiveValue& drift = facts->quality.drift;
        const std::string name = facts->version.text();
        const Chip verdict = liveVerdict(model, drift);
        Cell cell = quantityCell(PERCH_TEXT("Drift", "Live drift of %1", {name}), drift, Unit::Decimal2,
                                 ageNow(drift, *input.snapshot, now));
        if (hasNumber(drift))
            cell.text =
                verbatim(fmt::format("{} / {}", formatDecimal(*drift.value, 2), formatDecimal(model.driftLimit, 2)));
        if (verdict.state == State::Fail)
            cell.tone = Tone::Fail;
        cell.state = verdict.state;
        screen.figures.push_back({PERCH_TEXT("Drift", "Live against %1", {name}), cell, {}});
        if (version != model.route.stable)
            continue;
        screen.live = true;
        if (!screen.measured || severity(verdict.state) < severity(screen.verdict.state))
            screen.verdict = verdict;
        const Seconds age = facts->quality.features.empty() ? drift.age : facts->quality.features.front().psi.age;
        screen.stripNote = PERCH_TEXT("Drift", "live against %1, PSI, read %2 ago",
                                      {name, formatAge(age + sinceTaken(*input.snapshot, now))});
    }
    screen.strip = makeHeatStrip(model, kStripRows, input.range);
    if (!screen.measured)
        addLiveHistogram(input, screen);
}

Text measuredNote(const DriftRecord& record, SystemTime now) {
    const Seconds age = std::max(Seconds(0), std::chrono::duration_cast<Seconds>(now - record.madeAt));
    return PERCH_TEXT("Drift", "measured %1, %2 ago, with %3",
                      {dayTime(record.madeAt), formatAge(age), versionTitle(record).english()});
}

Text rankedNote(const DriftRecord& record) {
    const DriftReport& report = record.drift.report;
    const auto features = static_cast<std::size_t>(std::ranges::count(
        report.columns, ColumnRole::Feature, [](const DriftedColumn& column) { return column.role; }));
    return report.preset == DriftPreset::Perch
               ? PERCH_TEXT("Drift", "%1 features, false discovery rate %2 (Benjamini-Yekutieli)",
                            {std::to_string(features), formatPercent(record.alpha, 0)})
               : PERCH_TEXT("Drift", "%1 features, each tested by itself", {std::to_string(features)});
}

void addRecord(const DriftScreenInput& input, SystemTime now, DriftScreen& screen) {
    const DriftRecord& record = *input.record;
    const DriftReport& report = record.drift.report;
    screen.measured = true;
    screen.verdict = dataSetVerdict(report);
    screen.figures = {scoreFigure(report), overFigure(report)};
    screen.measuredNote = measuredNote(record, now);
    screen.subject = record.subject;
    screen.reference = record.reference;
    screen.current = record.current;
    screen.preset = report.preset;
    screen.scoreHeader = report.preset == DriftPreset::Perch && !report.columns.empty()
                             ? PERCH_TEXT("Drift", "PSI / %1", {formatDecimal(report.columns.front().threshold, 2)})
                             : PERCH_TEXT("Drift", "Score");
    screen.rankedNote = rankedNote(record);
    screen.effectHeader = PERCH_TEXT("Drift", "Effect");
    if (const auto& accuracy = record.drift.accuracy) {
        screen.effectHeader = PERCH_TEXT("Drift", "Accuracy, est.");
        screen.notes.push_back(PERCH_TEXT(
            "Drift", "By estimate the accuracy changed by %1; single features leave %2 of it unexplained.",
            {formatPoints(accuracy->change()), formatPoints(accuracy->unexplained())}));
    }
    screen.rows = makeDriftRows(record, input.order);
    screen.reason = verbatim(report.reason);
    for (const std::string& note : report.notes)
        screen.notes.push_back(verbatim(note));
    if (const auto& against = record.drift.against)
        screen.notes.push_back(PERCH_TEXT(
            "Drift", "Against %1 the scores differ by a PSI of %2, %3 on average; %4 of the decisions agree.",
            {against->model, against->scores.score ? formatDecimal(*against->scores.score, 3) : "none",
             formatSigned(against->meanDifference, 3),
             against->agreement ? formatPercent(*against->agreement) : "none"}));
    if (!screen.rows.empty()) {
        const auto found = std::ranges::find(screen.rows, input.selected, &DriftRow::feature);
        screen.selected = found == screen.rows.end() ? 0 : static_cast<std::size_t>(found - screen.rows.begin());
        const DriftRow& row = screen.rows[*screen.selected];
        screen.histogram =
            makeDriftHistogram(record.drift, *std::ranges::find(report.columns, row.feature, &DriftedColumn::name), row);
    }
    screen.meaning = makeDriftMeaning(record.drift);
    screen.estimate = makeDriftEstimate(record.drift);
    if (!screen.estimate.rows.empty())
        screen.figures.push_back({PERCH_TEXT("Drift", "Estimated accuracy"), screen.estimate.rows.front().estimated,
                                  screen.estimate.rows.front().interval});
    screen.status.text = report.preset == DriftPreset::Perch
                             ? PERCH_TEXT("Drift",
                                          "The score is the mean PSI, weighted by the features' gain in the "
                                          "model. %1 rows against %2.",
                                          {formatCount(report.currentRows), formatCount(report.referenceRows)})
                             : PERCH_TEXT("Drift", "The score is the share of columns that drift. %1 rows against %2.",
                                          {formatCount(report.currentRows), formatCount(report.referenceRows)});
    screen.status.keys = {{"Up Down", PERCH_TEXT("Drift", "feature")},
                          {"N S E", PERCH_TEXT("Drift", "order")},
                          {"Ctrl+T", PERCH_TEXT("Drift", "as table")}};
}

EmptyState emptyState(const DriftScreenInput& input) {
    return {.text =
                input.canMeasure
                    ? PERCH_TEXT("Drift", "No tables have been compared yet. Choose a reference and a current table "
                                          "above, or compare them on the command line.")
                    : PERCH_TEXT("Drift", "No tables have been compared yet. Compare them on the command line."),
            .button = PERCH_TEXT("Drift", "Copy the command"),
            .copy = "perch drift --reference training.csv --current recent.csv --package FOLDER",
            .shown = true};
}

} // namespace

DriftScreen makeDriftScreen(const DriftScreenInput& input, SystemTime now) {
    DriftScreen screen;
    screen.title = PERCH_TEXT("Drift", "Drift %1", {input.model});
    screen.verdict = {State::NoData, PERCH_TEXT("Drift", "No data")};
    if (input.record != nullptr)
        addRecord(input, now, screen);
    else
        screen.empty = emptyState(input);
    if (input.served != nullptr && input.snapshot != nullptr)
        addLive(input, now, screen);
    if (!screen.live)
        screen.strip.emptyText = PERCH_TEXT("Drift", "No version is served: there is no live drift.");
    return screen;
}

} // namespace perch::present
