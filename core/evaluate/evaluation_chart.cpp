#include "core/evaluate/evaluation_chart.h"

#include "core/base/number_format.h"
#include "core/evaluate/evaluation_report.h"

namespace perch::evaluate {

namespace {

// Presentation attributes, not classes: the charts look the same where a viewer drops style sheets.
constexpr double kLeft = 34, kTop = 8, kSize = 226;
constexpr std::string_view kGrid = "#E6EAF0", kLine = "#AAB4C1", kMuted = "#5E6877", kSurface = "#FFFFFF";
constexpr std::string_view kMono = "JetBrains Mono,ui-monospace,monospace";

/// Which of the two models, and its color.
struct Side {
    bool candidate = true;
    std::string_view color() const { return candidate ? "#8436B8" : "#3F5270"; }
};

double toX(double x) {
    return kLeft + x * kSize;
}

double toY(double y) {
    return kTop + (1 - y) * kSize;
}

std::string text(double x, double y, std::string_view anchor, std::string_view color, std::string_view content) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\" font-size=\"10\" "
                       "font-family=\"{}\">{}</text>",
                       x, y, anchor, color, kMono, content);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view color, std::string_view more = "") {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" {}/>", toX(x1),
                       toY(y1), toX(x2), toY(y2), color, more);
}

std::string dashed(double x1, double y1, double x2, double y2) {
    return line(x1, y1, x2, y2, kLine, "stroke-dasharray=\"4 3\"");
}

std::string axes(std::string_view caption) {
    std::string svg;
    for (int i = 0; i <= 5; ++i) {
        const double at = i / 5.0;
        svg += line(0, at, 1, at, i == 0 ? kLine : kGrid);
        svg += text(kLeft - 6, toY(at) + 4, "end", kMuted, fmt::format("{:.1f}", at));
        svg += text(toX(at), kTop + kSize + 16, "middle", kMuted, fmt::format("{:.1f}", at));
    }
    return svg + text(kLeft + kSize / 2, kTop + kSize + 34, "middle", kMuted, caption);
}

std::string polyline(const std::string& coordinates, Side side) {
    return fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\" "
                       "points=\"{}\"/>",
                       side.color(), coordinates);
}

std::string curve(const std::vector<EvaluationPoint>& points, Side side) {
    std::string coordinates;
    for (const EvaluationPoint& point : points)
        coordinates += fmt::format("{:.1f},{:.1f} ", toX(point.x), toY(point.y));
    return polyline(coordinates, side);
}

std::string ring(std::optional<double> x, std::optional<double> y, Side side) {
    if (!x || !y)
        return {};
    return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\" stroke=\"{}\" stroke-width=\"2\"/>",
                       toX(*x), toY(*y), kSurface, side.color());
}

/// `v8 0.953` in the model's color, one line per model.
std::string label(const EvaluatedModel& model, Side side, std::string_view metric, double x, double y) {
    const auto found = model.metrics.find(metric);
    if (found == model.metrics.end() || !found->second.value)
        return {};
    return text(toX(x), toY(y) + (side.candidate ? 0 : 14), "start", side.color(),
                fmt::format("{} {}", escapeHtml(model.title), formatDecimal(*found->second.value, 3)));
}

std::string frame(std::string_view name, const std::string& body) {
    return fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">{}</svg>", name, kLeft + kSize + 12,
                       kTop + kSize + 42, body);
}

std::string empty(std::string_view name) {
    return frame(name, text(kLeft, kTop + 20, "start", kMuted, "Undefined: the rows hold one class only."));
}

/// The baseline lies behind the candidate.
template <typename Draw>
std::string bothModels(const Evaluation& evaluation, const Draw& draw) {
    return (evaluation.baseline ? draw(*evaluation.baseline, Side{.candidate = false}) : std::string()) +
           draw(evaluation.candidate, Side{.candidate = true});
}

/// A circle for the candidate, a square for the baseline: never color alone.
std::string mark(double x, double y, Side side) {
    if (side.candidate)
        return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>", x, y, side.color());
    return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"6\" height=\"6\" fill=\"{}\"/>", x - 3, y - 3,
                       side.color());
}

std::string calibrationOf(const EvaluatedModel& model, Side side) {
    std::string marks, coordinates;
    for (const CalibrationPoint& point : model.curves.calibration) {
        coordinates += fmt::format("{:.1f},{:.1f} ", toX(point.meanScore), toY(point.positiveRate));
        marks += line(point.meanScore, point.low, point.meanScore, point.high, side.color(), "stroke-opacity=\"0.5\"");
        marks += mark(toX(point.meanScore), toY(point.positiveRate), side);
    }
    return polyline(coordinates, side) + marks + label(model, side, "calibration_error", 0.04, 0.94);
}

} // namespace

std::string makeRocChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.roc.empty())
        return empty("ROC");
    std::string body = axes("false positive rate, ring: threshold") + dashed(0, 0, 1, 1);
    body += bothModels(evaluation, [](const EvaluatedModel& model, Side side) {
        const stats::ConfusionMatrix& matrix = model.confusion;
        const double alarms = static_cast<double>(matrix.falsePositives) / static_cast<double>(matrix.negatives());
        return curve(model.curves.roc, side) + ring(alarms, stats::recall(matrix), side) +
               label(model, side, "roc_auc", 0.45, 0.2);
    });
    return frame("ROC", body);
}

std::string makePrecisionRecallChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.precisionRecall.empty())
        return empty("Precision and recall");
    const double rate = static_cast<double>(evaluation.positives) / static_cast<double>(evaluation.rows);
    std::string body = axes("recall, vertical: precision") + dashed(0, rate, 1, rate);
    body += bothModels(evaluation, [](const EvaluatedModel& model, Side side) {
        return curve(model.curves.precisionRecall, side) +
               ring(stats::recall(model.confusion), stats::precision(model.confusion), side) +
               label(model, side, "pr_auc", 0.04, 0.2);
    });
    return frame("Precision and recall", body);
}

std::string makeCalibrationChart(const Evaluation& evaluation) {
    return frame("Calibration",
                 axes("mean score, vertical: positives") + dashed(0, 0, 1, 1) + bothModels(evaluation, calibrationOf));
}

} // namespace perch::evaluate
