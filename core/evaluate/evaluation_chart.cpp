#include "core/evaluate/evaluation_chart.h"

#include "core/base/number_format.h"
#include "core/evaluate/evaluation_report.h"

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

constexpr double kLeft = 40, kTop = 8, kWidth = 226, kHeight = 200;
constexpr std::string_view kMono = "JetBrains Mono,ui-monospace,monospace";

/// Which of the two models: its class and its color where a viewer drops style sheets.
struct Side {
    bool candidate = true;
    std::string_view name() const { return candidate ? "c" : "b"; }
    std::string_view color() const { return candidate ? "#8436B8" : "#3F5270"; }
};

/// A step of 1, 2 or 5 times a power of ten that gives about five ticks.
double niceStep(double range) {
    const double power = std::pow(10, std::floor(std::log10(range / 5)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (range / (factor * power) <= 6)
            return factor * power;
    }
    return 10 * power;
}

std::string tickText(double value, double step) {
    if (std::abs(value) >= 10'000)
        return fmt::format("{:g} K", std::round(value / 100) / 10);
    return fmt::format("{:.{}f}", value == 0 ? 0.0 : value,
                       std::clamp(-static_cast<int>(std::floor(std::log10(step))), 0, 6));
}

/// The plot of one chart: maps values to pixels.
class Plot {
public:
    struct Range {
        double low = 0, high = 1;
    };
    Plot() = default;
    Plot(Range x, Range y) : m_x(x), m_y(y) {}

    double x(double value) const { return kLeft + (value - m_x.low) / (m_x.high - m_x.low) * kWidth; }
    double y(double value) const { return kTop + (m_y.high - value) / (m_y.high - m_y.low) * kHeight; }

    std::string line(double x1, double y1, double x2, double y2, std::string_view look) const {
        return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>", x(x1), y(y1), x(x2),
                           y(y2), look);
    }
    std::string dashed(double x1, double y1, double x2, double y2) const {
        return line(x1, y1, x2, y2, "class=\"axis\" stroke=\"#AAB4C1\" stroke-dasharray=\"4 3\"");
    }

    std::string axes(std::string_view caption) const {
        std::string svg;
        const double stepY = niceStep(m_y.high - m_y.low), stepX = niceStep(m_x.high - m_x.low);
        for (double at = std::ceil(m_y.low / stepY) * stepY; at <= m_y.high + stepY / 1e6; at += stepY) {
            svg += line(m_x.low, at, m_x.high, at, "class=\"grid\" stroke=\"#E6EAF0\"");
            svg += text(kLeft - 6, y(at) + 4, "end", tickText(at, stepY));
        }
        for (double at = std::ceil(m_x.low / stepX) * stepX; at <= m_x.high + stepX / 1e6; at += stepX)
            svg += text(x(at), kTop + kHeight + 16, "middle", tickText(at, stepX));
        svg += line(m_x.low, m_y.low, m_x.high, m_y.low, "class=\"axis\" stroke=\"#AAB4C1\"");
        return svg + text(kLeft + kWidth / 2, kTop + kHeight + 34, "middle", caption);
    }

    static std::string text(double x, double y, std::string_view anchor, std::string_view content,
                            std::string_view look = "class=\"tick\" fill=\"#5E6877\"") {
        return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {} font-size=\"10\" font-family=\"{}\">"
                           "{}</text>",
                           x, y, anchor, look, kMono, content);
    }

    std::string polyline(const std::vector<EvaluationPoint>& points, Side side) const {
        std::string coordinates;
        for (const EvaluationPoint& point : points)
            coordinates += fmt::format("{:.1f},{:.1f} ", x(point.x), y(point.y));
        return fmt::format("<polyline fill=\"none\" stroke=\"{}\" class=\"{}\" stroke-width=\"2\" "
                           "stroke-linejoin=\"round\" points=\"{}\"/>",
                           side.color(), side.name(), coordinates);
    }

    /// A circle for the candidate, a square for the baseline: never color alone.
    std::string mark(double atX, double atY, Side side) const {
        if (side.candidate)
            return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\" class=\"{}f\"/>", x(atX),
                               y(atY), side.color(), side.name());
        return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"6\" height=\"6\" fill=\"{}\" class=\"{}f\"/>",
                           x(atX) - 3, y(atY) - 3, side.color(), side.name());
    }

    std::string ring(std::optional<double> atX, std::optional<double> atY, Side side) const {
        if (!atX || !atY || !std::isfinite(*atX) || !std::isfinite(*atY))
            return {};
        return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"#FFFFFF\" stroke=\"{}\" "
                           "class=\"{} ring\" stroke-width=\"2\"/>",
                           x(*atX), y(*atY), side.color(), side.name());
    }

    /// `● v8 0.953` in the model's color, one line per model.
    std::string label(const EvaluatedModel& model, Side side, std::string_view metric, double atX, double atY) const {
        const auto found = model.metrics.find(metric);
        if (found == model.metrics.end() || !found->second.value)
            return {};
        const std::string look = fmt::format("fill=\"{}\" class=\"{}f\"", side.color(), side.name());
        return text(kLeft + atX * kWidth, kTop + (1 - atY) * kHeight + (side.candidate ? 0 : 14), "start",
                    fmt::format("{} {} {}", side.candidate ? "●" : "■", escapeHtml(model.title),
                                formatDecimal(*found->second.value, 3)),
                    look);
    }

private:
    Range m_x, m_y;
};

std::string frame(std::string_view name, const std::string& body) {
    return fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">{}</svg>", name, kLeft + kWidth + 14,
                       kTop + kHeight + 42, body);
}

std::string empty(std::string_view name) {
    return frame(name, Plot::text(kLeft, kTop + 20, "start", "Undefined: the rows hold one class only."));
}

/// The baseline lies behind the candidate.
template <typename Draw>
std::string bothModels(const Evaluation& evaluation, const Draw& draw) {
    return (evaluation.baseline ? draw(*evaluation.baseline, Side{.candidate = false}) : std::string()) +
           draw(evaluation.candidate, Side{.candidate = true});
}

std::string calibrationOf(const Plot& plot, const EvaluatedModel& model, Side side) {
    std::string marks;
    std::vector<EvaluationPoint> points;
    for (const CalibrationPoint& point : model.curves.calibration) {
        points.push_back({point.meanScore, point.positiveRate, 0});
        marks += plot.line(point.meanScore, point.low, point.meanScore, point.high,
                           fmt::format("stroke=\"{}\" class=\"{}\" stroke-opacity=\"0.5\"", side.color(), side.name()));
        marks += plot.mark(point.meanScore, point.positiveRate, side);
    }
    return plot.polyline(points, side) + marks + plot.label(model, side, "calibration_error", 0.04, 0.94);
}

/// A range with a little air, so that no mark lies on the edge.
Plot::Range rangeOf(double low, double high) {
    const double air = std::max((high - low) * 0.04, 1e-9);
    return {low - air, high + air};
}

} // namespace

std::string makeRocChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.roc.empty())
        return empty("ROC");
    const Plot plot;
    return frame("ROC", plot.axes("false positive rate, ring: threshold") + plot.dashed(0, 0, 1, 1) +
                            bothModels(evaluation, [&](const EvaluatedModel& model, Side side) {
                                const stats::ConfusionMatrix& matrix = model.confusion;
                                const double alarms = static_cast<double>(matrix.falsePositives) /
                                                      static_cast<double>(matrix.negatives());
                                return plot.polyline(model.curves.roc, side) +
                                       plot.ring(alarms, stats::recall(matrix), side) +
                                       plot.label(model, side, "roc_auc", 0.5, 0.2);
                            }));
}

std::string makePrecisionRecallChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.precisionRecall.empty())
        return empty("Precision and recall");
    const Plot plot;
    const double rate = static_cast<double>(evaluation.positives) / static_cast<double>(evaluation.rows);
    return frame("Precision and recall", plot.axes("recall, vertical: precision") + plot.dashed(0, rate, 1, rate) +
                                             bothModels(evaluation, [&](const EvaluatedModel& model, Side side) {
                                                 return plot.polyline(model.curves.precisionRecall, side) +
                                                        plot.ring(stats::recall(model.confusion),
                                                                  stats::precision(model.confusion), side) +
                                                        plot.label(model, side, "pr_auc", 0.04, 0.2);
                                             }));
}

std::string makeCalibrationChart(const Evaluation& evaluation) {
    const Plot plot;
    const bool binary = evaluation.task == model::Task::Binary;
    return frame("Calibration",
                 plot.axes(binary ? "mean score, vertical: positives" : "mean confidence, vertical: right answers") +
                     plot.dashed(0, 0, 1, 1) + bothModels(evaluation, [&](const EvaluatedModel& model, Side side) {
                         return calibrationOf(plot, model, side);
                     }));
}

std::string makeGainChart(const Evaluation& evaluation) {
    if (evaluation.candidate.curves.gain.empty())
        return empty("Gain");
    const Plot plot;
    return frame("Gain", plot.axes("rows by score, vertical: positives found") + plot.dashed(0, 0, 1, 1) +
                             bothModels(evaluation, [&](const EvaluatedModel& model, Side side) {
                                 return plot.polyline(model.curves.gain, side);
                             }));
}

std::string makePredictionChart(const Evaluation& evaluation) {
    double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
    for (const EvaluationPoint& point : evaluation.candidate.errors->sample) {
        low = std::min({low, point.x, point.y});
        high = std::max({high, point.x, point.y});
    }
    if (low > high)
        return frame("Predictions", Plot::text(kLeft, kTop + 20, "start", "No rows."));
    const Plot plot(rangeOf(low, high), rangeOf(low, high));
    std::string marks;
    for (const EvaluationPoint& point : evaluation.candidate.errors->sample)
        marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\" fill=\"#8436B8\" fill-opacity=\"0.4\" "
                             "class=\"cf\"/>",
                             plot.x(point.x), plot.y(point.y));
    return frame("Predictions", plot.axes("truth, vertical: prediction") + plot.dashed(low, low, high, high) + marks);
}

std::string makeErrorBinChart(const Evaluation& evaluation) {
    double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
    bothModels(evaluation, [&](const EvaluatedModel& model, Side) {
        for (const ErrorBin& bin : model.errors->bins) {
            low = std::min({low, bin.predicted, bin.low});
            high = std::max({high, bin.predicted, bin.high});
        }
        return std::string();
    });
    if (low > high)
        return frame("Calibration", Plot::text(kLeft, kTop + 20, "start", "No rows."));
    const Plot plot(rangeOf(low, high), rangeOf(low, high));
    const auto draw = [&](const EvaluatedModel& model, Side side) {
        std::string marks;
        std::vector<EvaluationPoint> points;
        for (const ErrorBin& bin : model.errors->bins) {
            points.push_back({bin.predicted, bin.truth, 0});
            marks +=
                plot.line(bin.predicted, bin.low, bin.predicted, bin.high,
                          fmt::format("stroke=\"{}\" class=\"{}\" stroke-opacity=\"0.5\"", side.color(), side.name()));
            marks += plot.mark(bin.predicted, bin.truth, side);
        }
        return plot.polyline(points, side) + marks;
    };
    return frame("Calibration", plot.axes("mean prediction, vertical: mean truth") + plot.dashed(low, low, high, high) +
                                    bothModels(evaluation, draw));
}

std::string makeErrorChart(const Evaluation& evaluation) {
    const ErrorResult& errors = *evaluation.candidate.errors;
    const std::uint64_t most = errors.histogram.empty() ? 0 : *std::ranges::max_element(errors.histogram);
    if (most == 0)
        return frame("Errors", Plot::text(kLeft, kTop + 20, "start", "No rows."));
    const Plot plot({errors.errorLow, errors.errorHigh}, {0, static_cast<double>(most) * 1.05});
    std::string bars;
    const double width = kWidth / static_cast<double>(errors.histogram.size());
    for (std::size_t i = 0; i < errors.histogram.size(); ++i) {
        const double top = plot.y(static_cast<double>(errors.histogram[i]));
        bars += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#8436B8\" "
                            "class=\"cf\"/>",
                            kLeft + static_cast<double>(i) * width + 0.5, top, width - 1, kTop + kHeight - top);
    }
    const std::string zero =
        errors.errorLow < 0 && errors.errorHigh > 0 ? plot.dashed(0, 0, 0, static_cast<double>(most)) : std::string();
    return frame("Errors", plot.axes("prediction less truth, vertical: rows") + bars + zero);
}

} // namespace perch::evaluate
