#include "core/model/evaluation_chart.h"

namespace perch::model {

namespace {

constexpr double kLeft = 34, kTop = 8, kSize = 226;

double toX(double x) {
    return kLeft + x * kSize;
}

double toY(double y) {
    return kTop + (1 - y) * kSize;
}

std::string axes(std::string_view caption) {
    std::string svg;
    for (int i = 0; i <= 5; ++i) {
        const double at = i / 5.0;
        svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft,
                           kLeft + kSize, toY(at), toY(at));
        svg += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{:.1f}</text>", kLeft - 6,
                           toY(at) + 4, at);
        svg += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{}\">{:.1f}</text>", toX(at),
                           kTop + kSize + 16, at);
    }
    svg += fmt::format("<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", kLeft, kLeft + kSize,
                       kTop + kSize, kTop + kSize);
    svg += fmt::format("<text class=\"caption\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>", kLeft + kSize / 2,
                       kTop + kSize + 34, caption);
    return svg;
}

std::string dashed(double x1, double y1, double x2, double y2) {
    return fmt::format("<line class=\"dash\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", toX(x1),
                       toY(y1), toX(x2), toY(y2));
}

std::string polyline(const std::vector<EvaluationPoint>& points, std::string_view role) {
    std::string coordinates;
    for (const EvaluationPoint& point : points)
        coordinates += fmt::format("{:.1f},{:.1f} ", toX(point.x), toY(point.y));
    return fmt::format("<polyline class=\"line {}\" points=\"{}\"/>", role, coordinates);
}

std::string ring(std::optional<double> x, std::optional<double> y, std::string_view role) {
    if (!x || !y)
        return {};
    return fmt::format("<circle class=\"ring {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/>", role, toX(*x), toY(*y));
}

std::string frame(std::string_view label, const std::string& body) {
    return fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">{}</svg>", label, kLeft + kSize + 10,
                       kTop + kSize + 44, body);
}

std::string empty(std::string_view label, std::string_view why) {
    return frame(label, fmt::format("<text class=\"caption\" x=\"{}\" y=\"{}\">{}</text>", kLeft, kTop + 20, why));
}

constexpr std::string_view kOneClass = "Undefined: the rows hold one class only.";

template <typename Draw>
std::string bothModels(const Evaluation& evaluation, const Draw& draw) {
    return (evaluation.baseline ? draw(*evaluation.baseline, "baseline") : std::string()) +
           draw(evaluation.candidate, "candidate");
}

std::string calibrationOf(const EvaluatedModel& model, std::string_view role) {
    std::string svg, coordinates;
    for (const CalibrationPoint& point : model.curves.calibration) {
        const double x = toX(point.meanScore), y = toY(point.positiveRate);
        coordinates += fmt::format("{:.1f},{:.1f} ", x, y);
        svg += fmt::format("<line class=\"interval {0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{3:.1f}\"/>",
                           role, x, toY(point.low), toY(point.high));
        svg += role == "candidate"
                   ? fmt::format("<circle class=\"mark {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"/>", role, x, y)
                   : fmt::format("<rect class=\"mark {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"6\" height=\"6\"/>", role,
                                 x - 3, y - 3);
    }
    return fmt::format("<polyline class=\"line {}\" points=\"{}\"/>", role, coordinates) + svg;
}

} // namespace

std::string makeRocChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.roc.empty())
        return empty("ROC", kOneClass);
    std::string body = axes("false positive rate; the ring marks the threshold") + dashed(0, 0, 1, 1);
    body += bothModels(evaluation, [](const EvaluatedModel& model, std::string_view role) {
        const stats::ConfusionMatrix& matrix = model.confusion;
        const double alarms = static_cast<double>(matrix.falsePositives) / static_cast<double>(matrix.negatives());
        return polyline(model.curves.roc, role) + ring(alarms, stats::recall(matrix), role);
    });
    return frame("ROC", body);
}

std::string makePrecisionRecallChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.precisionRecall.empty())
        return empty("Precision and recall", kOneClass);
    const double rate = static_cast<double>(evaluation.positives) / static_cast<double>(evaluation.rows);
    std::string body = axes("recall; vertical: precision") + dashed(0, rate, 1, rate);
    body += bothModels(evaluation, [](const EvaluatedModel& model, std::string_view role) {
        return polyline(model.curves.precisionRecall, role) +
               ring(stats::recall(model.confusion), stats::precision(model.confusion), role);
    });
    return frame("Precision and recall", body);
}

std::string makeCalibrationChart(const Evaluation& evaluation) {
    return frame("Calibration", axes("mean score; vertical: share of positives") + dashed(0, 0, 1, 1) +
                                    bothModels(evaluation, calibrationOf));
}

} // namespace perch::model
