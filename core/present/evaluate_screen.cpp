#include "core/present/evaluate_screen.h"

#include "core/base/number_format.h"
#include "core/present/error_curves.h"
#include "core/present/words.h"

#include <cmath>

namespace perch::present {

namespace {

using evaluate::EvaluatedModel;
using evaluate::Evaluation;
using stats::ConfusionMatrix;

Text metricName(const evaluate::MetricDefinition& definition) {
    static const std::map<std::string_view, Text> names{
        {"accuracy", PERCH_TEXT("Evaluate", "Accuracy")},
        {"precision", PERCH_TEXT("Evaluate", "Precision")},
        {"recall", PERCH_TEXT("Evaluate", "Recall")},
        {"f1", PERCH_TEXT("Evaluate", "F1")},
        {"roc_auc", PERCH_TEXT("Evaluate", "ROC AUC")},
        {"pr_auc", PERCH_TEXT("Evaluate", "PR AUC")},
        {"log_loss", PERCH_TEXT("Evaluate", "Log loss")},
        {"brier", PERCH_TEXT("Evaluate", "Brier score")},
        {"calibration_error", PERCH_TEXT("Evaluate", "Calibration err.")},
        {"macro_precision", PERCH_TEXT("Evaluate", "Macro precision")},
        {"macro_recall", PERCH_TEXT("Evaluate", "Macro recall")},
        {"macro_f1", PERCH_TEXT("Evaluate", "Macro F1")},
        {"weighted_f1", PERCH_TEXT("Evaluate", "Weighted F1")},
        {"mae", PERCH_TEXT("Evaluate", "Mean error")},
        {"rmse", PERCH_TEXT("Evaluate", "RMSE")},
        {"r2", PERCH_TEXT("Evaluate", "R\u00b2")},
        {"within_tolerance", PERCH_TEXT("Evaluate", "In tolerance")}};
    const auto found = names.find(definition.name);
    return found != names.end() ? found->second : verbatim(std::string(definition.title));
}

std::optional<double> metricOf(const EvaluatedModel& model, std::string_view name) {
    const auto found = model.metrics.find(name);
    return found != model.metrics.end() ? found->second.value : std::nullopt;
}

std::string figure(const EvaluatedModel& model, std::string_view name) {
    const std::optional<double> value = metricOf(model, name);
    return value ? formatDecimal(*value, 3) : "none";
}

bool isBinary(const Evaluation& evaluation) {
    return evaluation.task == model::Task::Binary;
}

std::vector<CurvePoint> pointsOf(const std::vector<evaluate::EvaluationPoint>& points) {
    std::vector<CurvePoint> result;
    result.reserve(points.size());
    for (const evaluate::EvaluationPoint& point : points)
        result.push_back({point.x, point.y});
    return result;
}

/// Calls `add` for the baseline first, so that the candidate is drawn over it.
template <typename Add>
void eachModel(const Evaluation& evaluation, const Add& add) {
    if (evaluation.baseline)
        add(*evaluation.baseline, false);
    add(evaluation.candidate, true);
}

CurveCard makeRoc(const Evaluation& evaluation, double threshold) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "ROC");
    card.note = PERCH_TEXT("Evaluate", "area under curve");
    card.diagonal = true;
    card.levelLabel = PERCH_TEXT("Evaluate", "chance %1", {"0.500"});
    card.axisText = PERCH_TEXT("Evaluate", "false positive rate, ring marks the threshold");
    eachModel(evaluation, [&](const EvaluatedModel& model, bool candidate) {
        const ConfusionMatrix m = candidate ? model.cells.confusionAt(threshold) : model.confusion;
        CurveCard::Line line;
        line.tone = candidate ? Tone::Canary : Tone::Stable;
        line.label = candidate ? PERCH_TEXT("Evaluate", "%1 candidate %2", {model.title, figure(model, "roc_auc")})
                               : PERCH_TEXT("Evaluate", "%1 baseline %2", {model.title, figure(model, "roc_auc")});
        line.points = pointsOf(model.curves.roc);
        const auto negatives = static_cast<double>(m.falsePositives + m.trueNegatives);
        const auto positives = static_cast<double>(m.truePositives + m.falseNegatives);
        if (negatives > 0 && positives > 0)
            line.mark = CurvePoint{static_cast<double>(m.falsePositives) / negatives,
                                   static_cast<double>(m.truePositives) / positives};
        card.lines.push_back(std::move(line));
    });
    if (evaluation.candidate.curves.roc.empty())
        card.emptyText = PERCH_TEXT("Evaluate", "Only one class is in the data, so there is no curve.");
    return card;
}

CurveCard makePrecisionRecall(const Evaluation& evaluation, double threshold) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Precision and recall");
    card.note = PERCH_TEXT("Evaluate", "area under curve");
    card.axisText = PERCH_TEXT("Evaluate", "recall, vertical axis: precision");
    if (evaluation.rows > 0) {
        card.level = static_cast<double>(evaluation.positives) / static_cast<double>(evaluation.rows);
        card.levelLabel = PERCH_TEXT("Evaluate", "positive rate %1", {formatDecimal(*card.level, 3)});
    }
    eachModel(evaluation, [&](const EvaluatedModel& model, bool candidate) {
        const ConfusionMatrix m = candidate ? model.cells.confusionAt(threshold) : model.confusion;
        CurveCard::Line line;
        line.tone = candidate ? Tone::Canary : Tone::Stable;
        line.label = candidate ? PERCH_TEXT("Evaluate", "%1 candidate %2", {model.title, figure(model, "pr_auc")})
                               : PERCH_TEXT("Evaluate", "%1 baseline %2", {model.title, figure(model, "pr_auc")});
        line.points = pointsOf(model.curves.precisionRecall);
        const auto positives = static_cast<double>(m.truePositives + m.falseNegatives);
        const auto called = static_cast<double>(m.truePositives + m.falsePositives);
        if (positives > 0 && called > 0)
            line.mark = CurvePoint{static_cast<double>(m.truePositives) / positives,
                                   static_cast<double>(m.truePositives) / called};
        card.lines.push_back(std::move(line));
    });
    if (evaluation.candidate.curves.precisionRecall.empty())
        card.emptyText = PERCH_TEXT("Evaluate", "No positive row is in the data, so there is no curve.");
    return card;
}

CurveCard makeCalibration(const Evaluation& evaluation) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Calibration");
    card.note = PERCH_TEXT("Evaluate", "10 bins, expected error");
    card.diagonal = true;
    card.axisText = isBinary(evaluation) ? PERCH_TEXT("Evaluate", "predicted, vertical axis: observed")
                                         : PERCH_TEXT("Evaluate", "confidence, vertical axis: right answers");
    eachModel(evaluation, [&](const EvaluatedModel& model, bool candidate) {
        CurveCard::Line line;
        line.tone = candidate ? Tone::Canary : Tone::Stable;
        line.markers = true;
        line.label = PERCH_TEXT("Evaluate", "%1 error %2", {model.title, figure(model, "calibration_error")});
        for (const evaluate::CalibrationPoint& point : model.curves.calibration)
            line.points.push_back({point.meanScore, point.positiveRate});
        card.lines.push_back(std::move(line));
    });
    if (evaluation.candidate.curves.calibration.empty())
        card.emptyText = PERCH_TEXT("Evaluate", "No row has a label, so there is nothing to hold the scores against.");
    return card;
}

ConfusionCell cell(Text name, std::uint64_t count, std::uint64_t row, const EvaluatedModel* baseline,
                   std::uint64_t baselineCount, bool correct) {
    ConfusionCell result;
    result.name = std::move(name);
    result.count = verbatim(formatCount(count));
    result.share = row > 0 ? verbatim(formatPercent(static_cast<double>(count) / static_cast<double>(row))) : Text{};
    if (baseline != nullptr)
        result.baseline = PERCH_TEXT("Evaluate", "%1 %2", {baseline->title, formatCount(baselineCount)});
    result.correct = correct;
    return result;
}

/// The accuracy over the threshold, stretched to the height of its strip.
std::vector<CurvePoint> accuracyCurve(const EvaluatedModel& model) {
    std::vector<CurvePoint> points;
    double low = 1;
    double high = 0;
    for (const evaluate::EvaluationPoint& point : evaluate::thresholdCurve(model.cells, "accuracy")) {
        points.push_back({point.x, point.y});
        low = std::min(low, point.y);
        high = std::max(high, point.y);
    }
    for (CurvePoint& point : points)
        point.y = high > low ? (point.y - low) / (high - low) : 0.5;
    return points;
}

ConfusionCard makeConfusion(const Evaluation& evaluation, double threshold) {
    const EvaluatedModel& candidate = evaluation.candidate;
    const EvaluatedModel* baseline = evaluation.baseline ? &*evaluation.baseline : nullptr;
    const ConfusionMatrix m = candidate.cells.confusionAt(threshold);
    const ConfusionMatrix b = baseline != nullptr ? baseline->confusion : ConfusionMatrix{};
    const std::string yes = evaluation.positive;
    ConfusionCard card;
    card.title = PERCH_TEXT("Evaluate", "Confusion, %1", {candidate.title});
    card.note = PERCH_TEXT("Evaluate", "%1 rows", {formatCount(evaluation.rows)});
    card.predictedNegative = PERCH_TEXT("Evaluate", "Predicted not %1", {yes});
    card.predictedPositive = PERCH_TEXT("Evaluate", "Predicted %1", {yes});
    card.actualNegative = PERCH_TEXT("Evaluate", "Actual not %1", {yes});
    card.actualPositive = PERCH_TEXT("Evaluate", "Actual %1", {yes});
    const auto negatives = m.trueNegatives + m.falsePositives;
    const auto positives = m.truePositives + m.falseNegatives;
    card.trueNegative =
        cell(PERCH_TEXT("Evaluate", "True negative"), m.trueNegatives, negatives, baseline, b.trueNegatives, true);
    card.falsePositive =
        cell(PERCH_TEXT("Evaluate", "False positive"), m.falsePositives, negatives, baseline, b.falsePositives, false);
    card.falseNegative =
        cell(PERCH_TEXT("Evaluate", "False negative"), m.falseNegatives, positives, baseline, b.falseNegatives, false);
    card.truePositive =
        cell(PERCH_TEXT("Evaluate", "True positive"), m.truePositives, positives, baseline, b.truePositives, true);
    card.threshold = threshold;
    card.thresholdText = verbatim(formatDecimal(threshold, 2));
    card.accuracyCurve = accuracyCurve(candidate);
    const auto best = std::max_element(card.accuracyCurve.begin(), card.accuracyCurve.end(),
                                       [](const CurvePoint& a, const CurvePoint& c) { return a.y < c.y; });
    if (best != card.accuracyCurve.end())
        card.thresholdNote = PERCH_TEXT("Evaluate", "curve: accuracy, best at %1", {formatDecimal(best->x, 2)});
    return card;
}

/// `moved` holds what the candidate would have at another threshold than the one it was compared at.
MetricRow makeMetric(const Evaluation& evaluation, const evaluate::MetricDefinition& definition,
                     const evaluate::MetricValues& moved) {
    MetricRow row;
    row.name = metricName(definition);
    const auto elsewhere = moved.find(definition.name);
    const bool isMoved = elsewhere != moved.end();
    const auto found = isMoved ? elsewhere : evaluation.candidate.metrics.find(definition.name);
    const bool known = isMoved || found != evaluation.candidate.metrics.end();
    const evaluate::MetricValue value = known ? found->second : evaluate::MetricValue{};
    row.candidate.text = value.value ? verbatim(evaluate::metricText(definition, *value.value)) : noneText();
    row.candidate.tone = value.value ? Tone::Plain : Tone::Muted;
    row.candidate.state = value.value ? State::Pass : State::NoData;
    if (value.low && value.high)
        row.candidateInterval = verbatim(evaluate::bareMetricText(definition, *value.low) + "\u2013" +
                                         evaluate::bareMetricText(definition, *value.high));
    if (!evaluation.baseline)
        return row;
    const std::optional<double> base = metricOf(*evaluation.baseline, definition.name);
    row.baseline = base ? verbatim(evaluate::metricText(definition, *base)) : noneText();
    if (isMoved) {
        row.word = PERCH_TEXT("Evaluate", "not tested");
        row.verdict = State::NoData;
        return row;
    }
    if (!evaluation.comparison)
        return row;
    const auto difference = evaluation.comparison->differences.find(definition.name);
    if (difference == evaluation.comparison->differences.end() || !difference->second.value)
        return row;
    const evaluate::Difference& d = difference->second;
    const double scale = definition.share ? 100 : 1;
    row.change = verbatim(definition.error ? evaluate::changeText(definition, *d.value)
                                           : formatSigned(*d.value * scale, definition.share ? 1 : 3));
    const double sign = definition.higherIsBetter ? 1 : -1;
    row.word = PERCH_TEXT("Evaluate", "no difference");
    row.verdict = State::Undecided;
    double half = 0;
    if (d.low && d.high) {
        half = (*d.high - *d.low) / 2;
        row.changeMargin = verbatim("\u00b1" + evaluate::bareMetricText(definition, half));
        if (std::min(sign * *d.low, sign * *d.high) > 0) {
            row.word = PERCH_TEXT("Evaluate", "better");
            row.verdict = State::Pass;
        } else if (std::max(sign * *d.low, sign * *d.high) < 0) {
            row.word = PERCH_TEXT("Evaluate", "worse");
            row.verdict = State::Fail;
        }
    }
    // A change of ten points, or of a tenth of an error, fills the strip; a soft scale keeps large ones inside.
    const double full = definition.error && base && *base > 0 ? 0.1 * *base : 0.1;
    row.position = std::tanh(sign * *d.value / full);
    row.halfWidth = std::min(half / full, 1.0) * (1 - row.position * row.position);
    return row;
}

Chip verdictChip(const Evaluation& evaluation) {
    if (!evaluation.comparison)
        return {State::NoData, PERCH_TEXT("Evaluate", "No baseline")};
    switch (evaluation.comparison->verdict) {
    case evaluate::Verdict::Better:
        return {State::Pass, PERCH_TEXT("Evaluate", "Better")};
    case evaluate::Verdict::NotWorse:
        return {State::Pass, PERCH_TEXT("Evaluate", "Not worse")};
    case evaluate::Verdict::Undecided:
        return {State::Undecided, PERCH_TEXT("Evaluate", "Undecided")};
    case evaluate::Verdict::Worse:
        return {State::Fail, PERCH_TEXT("Evaluate", "Worse")};
    }
    return {};
}

std::vector<BarRow> makeImportance(const Evaluation& evaluation) {
    constexpr std::size_t kMostBars = 12;
    std::vector<BarRow> rows;
    double longest = 0;
    for (const evaluate::FeatureImportance& f : evaluation.candidate.importance)
        longest = std::max(longest, f.meanShap);
    std::map<std::string, double> baseline;
    if (evaluation.baseline) {
        for (const evaluate::FeatureImportance& f : evaluation.baseline->importance) {
            baseline[f.feature] = f.meanShap;
            longest = std::max(longest, f.meanShap);
        }
    }
    for (const evaluate::FeatureImportance& f : evaluation.candidate.importance) {
        if (rows.size() == kMostBars || longest <= 0)
            break;
        BarRow row;
        row.feature = f.feature;
        row.value = f.meanShap / longest;
        if (const auto found = baseline.find(f.feature); found != baseline.end())
            row.baseline = found->second / longest;
        row.text = verbatim(formatDecimal(f.meanShap, 2));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<SliceRow> makeSlices(const Evaluation& evaluation) {
    std::vector<SliceRow> rows;
    for (const evaluate::Slice& slice : evaluation.slices) {
        SliceRow row;
        row.slice = slice.name;
        row.rows = verbatim(formatCount(slice.rows));
        const bool share = slice.metric == "accuracy";
        const evaluate::MetricDefinition shown{.higherIsBetter = share, .share = share, .error = !share};
        row.value = verbatim(evaluate::metricText(shown, slice.value));
        const double change = slice.value - slice.baseline.value_or(slice.elsewhere);
        const bool worse = share ? change < 0 : change > 0;
        row.change.text = verbatim(share ? formatSigned(change * 100, 1) : evaluate::changeText(shown, change));
        row.change.tone = worse ? Tone::Fail : Tone::Pass;
        row.change.state = !slice.baseline ? State::Warning : worse ? State::Fail : State::Pass;
        rows.push_back(std::move(row));
    }
    return rows;
}

/// The uncomfortable fact first.
Text summaryOf(const Evaluation& evaluation) {
    if (evaluation.comparison && !evaluation.comparison->reason.empty())
        return verbatim(evaluation.comparison->reason);
    if (!evaluation.warnings.empty())
        return verbatim(evaluation.warnings.front());
    return evaluation.baseline ? Text{} : PERCH_TEXT("Evaluate", "No version to compare with was given.");
}

std::string fileName(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

/// What stands above the tables, by the kind of answers.
void addPictures(EvaluateScreen& screen, const Evaluation& evaluation, double threshold) {
    switch (evaluation.task) {
    case model::Task::Binary:
        screen.curves = {makeRoc(evaluation, threshold), makePrecisionRecall(evaluation, threshold),
                         makeCalibration(evaluation)};
        screen.confusion = makeConfusion(evaluation, threshold);
        return;
    case model::Task::MultiClass:
        screen.curves = {makeCalibration(evaluation)};
        screen.classes = makeClassCards(evaluation);
        return;
    case model::Task::Regression:
        screen.curves = makeErrorCurves(evaluation);
        return;
    }
}

} // namespace

EvaluateScreen makeEvaluateScreen(const Evaluation& evaluation, std::optional<double> movedThreshold) {
    EvaluateScreen screen;
    const double threshold = movedThreshold.value_or(evaluation.candidate.threshold);
    screen.title = PERCH_TEXT("Evaluate", "Evaluate %1", {evaluation.model.text()});
    screen.candidate = verbatim(evaluation.candidate.title);
    if (evaluation.baseline)
        screen.baseline = verbatim(evaluation.baseline->title);
    screen.data = verbatim(evaluation.data);
    const double rate =
        evaluation.rows > 0 ? static_cast<double>(evaluation.positives) / static_cast<double>(evaluation.rows) : 0;
    screen.dataNote =
        isBinary(evaluation)
            ? PERCH_TEXT("Evaluate", "%1 rows, %2 = %3 in %4",
                         {formatCount(evaluation.rows), evaluation.label, evaluation.positive, formatPercent(rate)})
            : PERCH_TEXT("Evaluate", "%1 rows, %2", {formatCount(evaluation.rows), evaluation.label});
    screen.verdict = verdictChip(evaluation);
    addPictures(screen, evaluation, threshold);
    screen.metricsNote = PERCH_TEXT("Evaluate", "%1 intervals", {"95\u00a0%"});
    const bool isMoved = isBinary(evaluation) && movedThreshold && *movedThreshold != evaluation.candidate.threshold;
    const evaluate::MetricValues moved =
        isMoved ? evaluate::thresholdMetrics(evaluation.candidate.cells, threshold) : evaluate::MetricValues();
    for (const evaluate::MetricDefinition& definition : evaluate::metricDefinitions(evaluation.task))
        screen.metrics.push_back(makeMetric(evaluation, definition, moved));
    // How the intervals were made is too long for a header: it stands under the table.
    screen.metricsSummary =
        evaluation.intervals.empty()
            ? summaryOf(evaluation)
            : PERCH_TEXT("Evaluate", "%1 Intervals: %2.", {summaryOf(evaluation).english(), evaluation.intervals});
    screen.importanceTitle = PERCH_TEXT("Evaluate", "Importance");
    screen.importanceNote = evaluation.baseline ? PERCH_TEXT("Evaluate", "mean |SHAP|, bar %1, tick %2",
                                                             {evaluation.candidate.title, evaluation.baseline->title})
                                                : PERCH_TEXT("Evaluate", "mean |SHAP|");
    screen.importance = makeImportance(evaluation);
    screen.slices = makeSlices(evaluation);
    screen.fairness = makeFairnessCard(evaluation);
    screen.slicesNote = evaluation.task == model::Task::Regression
                            ? PERCH_TEXT("Evaluate", "by %1 mean error", {evaluation.candidate.title})
                            : PERCH_TEXT("Evaluate", "by %1 accuracy", {evaluation.candidate.title});
    if (screen.slices.empty())
        screen.slicesEmpty = PERCH_TEXT("Evaluate", "No slice is worse than the rest beyond chance.");
    screen.status.text = PERCH_TEXT("Evaluate", "Offline result, not live traffic. Made %1 on %2",
                                    {dayTime(evaluation.madeAt), fileName(evaluation.data)});
    screen.status.keys = {{"Ctrl+E", PERCH_TEXT("Evaluate", "export")},
                          {"Ctrl+T", PERCH_TEXT("Evaluate", "tables")},
                          {"F1", PERCH_TEXT("Evaluate", "all keys")}};
    if (screen.confusion)
        screen.status.keys.insert(screen.status.keys.begin(), KeyHint{"[ ]", PERCH_TEXT("Evaluate", "threshold")});
    return screen;
}

EvaluateScreen makeEmptyEvaluateScreen(const std::string& model) {
    EvaluateScreen screen;
    screen.title = model.empty() ? PERCH_TEXT("Evaluate", "Evaluate") : PERCH_TEXT("Evaluate", "Evaluate %1", {model});
    screen.empty.shown = true;
    const std::string name = model.empty() ? "NAME" : model;
    screen.empty.copy = "perch evaluate --model " + name + " --data FILE --label COLUMN";
    screen.empty.text = PERCH_TEXT("Evaluate", "Nothing has been evaluated yet. Do it with: %1", {screen.empty.copy});
    screen.empty.button = PERCH_TEXT("Evaluate", "Copy command");
    screen.status.keys = {{"F1", PERCH_TEXT("Evaluate", "all keys")}};
    return screen;
}

} // namespace perch::present
