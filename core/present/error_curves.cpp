#include "core/present/error_curves.h"

#include "core/base/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace perch::present {

namespace {

using evaluate::ErrorResult;
using evaluate::EvaluatedModel;
using evaluate::Evaluation;

/// The smallest range that holds what it was shown.
struct Extent {
    double low = std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::lowest();

    void hold(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    Axis axis() const { return low > high ? Axis{} : niceAxis(low, high); }
};

std::string errorFigure(const EvaluatedModel& model, std::string_view metric) {
    for (const evaluate::MetricDefinition& definition : evaluate::metricDefinitions(model::Task::Regression)) {
        const auto found = model.metrics.find(metric);
        if (definition.name == metric && found != model.metrics.end() && found->second.value)
            return evaluate::metricText(definition, *found->second.value);
    }
    return "none";
}

/// Calls `add` with the errors of the baseline first, so that the candidate is drawn over them.
template <typename Add>
void eachErrors(const Evaluation& evaluation, const Add& add) {
    if (evaluation.baseline && evaluation.baseline->errors)
        add(*evaluation.baseline, *evaluation.baseline->errors, Tone::Stable);
    if (evaluation.candidate.errors)
        add(evaluation.candidate, *evaluation.candidate.errors, Tone::Canary);
}

void emptyWithoutLines(CurveCard& card) {
    const bool points =
        std::ranges::any_of(card.lines, [](const CurveCard::Line& line) { return !line.points.empty(); });
    if (!points)
        card.emptyText = PERCH_TEXT("Evaluate", "No row has a number to compare with.");
}

CurveCard makePredictions(const Evaluation& evaluation) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Predicted and true");
    card.diagonal = true;
    card.axisText = PERCH_TEXT("Evaluate", "true %1, vertical axis: predicted", {evaluation.label});
    Extent extent;
    if (evaluation.candidate.errors) {
        CurveCard::Line line;
        line.dots = true;
        line.label = PERCH_TEXT("Evaluate", "%1 R\u00b2 %2",
                                {evaluation.candidate.title, errorFigure(evaluation.candidate, "r2")});
        for (const evaluate::EvaluationPoint& point : evaluation.candidate.errors->sample) {
            line.points.push_back({point.x, point.y});
            extent.hold(point.x);
            extent.hold(point.y);
        }
        card.note = PERCH_TEXT("Evaluate", "%1 rows drawn", {formatCount(line.points.size())});
        card.lines.push_back(std::move(line));
    }
    card.x = card.y = extent.axis();
    emptyWithoutLines(card);
    return card;
}

CurveCard makeResiduals(const Evaluation& evaluation) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Residuals");
    card.note = PERCH_TEXT("Evaluate", "predicted less true");
    card.axisText = PERCH_TEXT("Evaluate", "predicted, vertical axis: error");
    card.level = 0;
    Extent across, up;
    up.hold(0);
    if (evaluation.candidate.errors) {
        CurveCard::Line line;
        line.dots = true;
        line.label = PERCH_TEXT("Evaluate", "%1 RMSE %2",
                                {evaluation.candidate.title, errorFigure(evaluation.candidate, "rmse")});
        for (const evaluate::EvaluationPoint& point : evaluation.candidate.errors->sample) {
            line.points.push_back({point.y, point.y - point.x});
            across.hold(point.y);
            up.hold(point.y - point.x);
        }
        card.lines.push_back(std::move(line));
    }
    card.x = across.axis();
    card.y = up.axis();
    emptyWithoutLines(card);
    return card;
}

CurveCard makeTenths(const Evaluation& evaluation) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Calibration");
    card.note = PERCH_TEXT("Evaluate", "tenths of the prediction");
    card.diagonal = true;
    card.axisText = PERCH_TEXT("Evaluate", "mean predicted, vertical axis: mean true");
    Extent extent;
    eachErrors(evaluation, [&](const EvaluatedModel& model, const ErrorResult& errors, Tone tone) {
        CurveCard::Line line;
        line.tone = tone;
        line.markers = true;
        line.label = PERCH_TEXT("Evaluate", "%1 MAE %2", {model.title, errorFigure(model, "mae")});
        for (const evaluate::ErrorBin& bin : errors.bins) {
            line.points.push_back({bin.predicted, bin.truth});
            extent.hold(bin.predicted);
            extent.hold(bin.truth);
        }
        card.lines.push_back(std::move(line));
    });
    card.x = card.y = extent.axis();
    emptyWithoutLines(card);
    return card;
}

/// Outlines of both histograms. Their bins differ in width, so heights are rows in a bin of the candidate's width.
CurveCard makeErrors(const Evaluation& evaluation) {
    CurveCard card;
    card.title = PERCH_TEXT("Evaluate", "Errors");
    card.axisText = PERCH_TEXT("Evaluate", "error, vertical axis: % of the rows");
    const auto widthOf = [](const ErrorResult& errors) {
        return (errors.errorHigh - errors.errorLow) /
               static_cast<double>(std::max<std::size_t>(1, errors.histogram.size()));
    };
    const double unit = evaluation.candidate.errors ? widthOf(*evaluation.candidate.errors) : 1;
    Extent across, up;
    up.hold(0);
    eachErrors(evaluation, [&](const EvaluatedModel& model, const ErrorResult& errors, Tone tone) {
        const double width = widthOf(errors);
        const double rows =
            static_cast<double>(std::accumulate(errors.histogram.begin(), errors.histogram.end(), std::uint64_t{0}));
        CurveCard::Line line;
        line.tone = tone;
        line.label = PERCH_TEXT("Evaluate", "%1 within %2", {model.title, errorFigure(model, "within_tolerance")});
        for (std::size_t bin = 0; bin < errors.histogram.size() && rows > 0 && width > 0; ++bin) {
            const double height = 100 * static_cast<double>(errors.histogram[bin]) / rows * (unit / width);
            const double left = errors.errorLow + static_cast<double>(bin) * width;
            line.points.push_back({left, height});
            line.points.push_back({left + width, height});
            across.hold(left);
            across.hold(left + width);
            up.hold(height);
        }
        card.lines.push_back(std::move(line));
    });
    card.x = across.axis();
    card.y = up.axis();
    if (card.x.low < 0 && card.x.high > 0)
        card.uprights.push_back({.x = 0, .tone = Tone::Muted, .dashed = true});
    if (evaluation.candidate.errors) {
        const stats::Tolerance& tolerance = evaluation.candidate.errors->tolerance;
        card.note = tolerance.relative ? PERCH_TEXT("Evaluate", "tolerance %1", {formatPercent(tolerance.value, 0)})
                                       : PERCH_TEXT("Evaluate", "tolerance %1", {fmt::format("{:g}", tolerance.value)});
    }
    emptyWithoutLines(card);
    return card;
}

} // namespace

std::vector<CurveCard> makeErrorCurves(const Evaluation& evaluation) {
    return {makePredictions(evaluation), makeResiduals(evaluation), makeTenths(evaluation), makeErrors(evaluation)};
}

} // namespace perch::present
