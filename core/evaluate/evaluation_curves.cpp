#include "core/evaluate/evaluation_curves.h"

#include "core/stats/intervals.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::evaluate {

namespace {

constexpr std::size_t kCurvePoints = 500;
constexpr std::size_t kHistogramBins = 50;

/// Keeps a point when it is far enough from the last one kept, measured along both axes, and always the last.
class ThinnedCurve {
public:
    void add(const EvaluationPoint& point) {
        m_last = point;
        constexpr double kStep = 2.0 / (kCurvePoints - 2);
        if (!m_points.empty() && std::abs(point.x - m_points.back().x) + std::abs(point.y - m_points.back().y) < kStep)
            return;
        m_points.push_back(point);
    }
    std::vector<EvaluationPoint> finish() {
        if (!m_points.empty() && (m_points.back().x != m_last.x || m_points.back().y != m_last.y))
            m_points.push_back(m_last);
        return std::move(m_points);
    }

private:
    std::vector<EvaluationPoint> m_points;
    EvaluationPoint m_last;
};

std::vector<CalibrationPoint> calibrationOf(const stats::ScoreCells& cells) {
    struct Bin {
        std::uint64_t rows = 0, positives = 0;
        double scores = 0;
    };
    std::array<Bin, stats::kCalibrationBins> bins{};
    const stats::ScoreAxis axis = cells.axis();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Bin& bin = bins[axis.bins[i]];
        bin.rows += cells.negatives()[i] + cells.positives()[i];
        bin.positives += cells.positives()[i];
        bin.scores += cells.scoreSums()[i];
    }
    std::vector<CalibrationPoint> points;
    for (const Bin& bin : bins) {
        const std::optional<stats::Interval> interval = stats::wilsonInterval(bin.positives, bin.rows);
        if (!interval)
            continue;
        const double rows = static_cast<double>(bin.rows);
        points.push_back({.meanScore = bin.scores / rows,
                          .positiveRate = static_cast<double>(bin.positives) / rows,
                          .low = interval->low,
                          .high = interval->high,
                          .rows = bin.rows});
    }
    return points;
}

} // namespace

EvaluationCurves makeCurves(const stats::ScoreCells& cells) {
    EvaluationCurves curves;
    curves.calibration = calibrationOf(cells);
    const stats::ConfusionMatrix all = cells.confusionAt(-1);
    if (all.positives() == 0 || all.negatives() == 0)
        return curves;
    const double positives = static_cast<double>(all.positives()), negatives = static_cast<double>(all.negatives());
    ThinnedCurve roc, precisionRecall, gain;
    roc.add({0, 0, 1});
    gain.add({0, 0, 1});
    double found = 0, alarms = 0;
    for (std::size_t i = cells.size(); i-- > 0;) {
        found += static_cast<double>(cells.positives()[i]);
        alarms += static_cast<double>(cells.negatives()[i]);
        const double threshold = cells.lowest()[i];
        roc.add({alarms / negatives, found / positives, threshold});
        precisionRecall.add({found / positives, found / (found + alarms), threshold});
        gain.add({(found + alarms) / (positives + negatives), found / positives, threshold});
    }
    curves.roc = roc.finish();
    curves.precisionRecall = precisionRecall.finish();
    curves.gain = gain.finish();
    return curves;
}

ScoreHistogram makeHistogram(const stats::ScoreCells& cells) {
    ScoreHistogram histogram{std::vector<std::uint64_t>(kHistogramBins), std::vector<std::uint64_t>(kHistogramBins)};
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const double position = std::floor(cells.lowest()[i] * static_cast<double>(kHistogramBins));
        const auto bin = static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(kHistogramBins - 1)));
        histogram.negatives[bin] += cells.negatives()[i];
        histogram.positives[bin] += cells.positives()[i];
    }
    return histogram;
}

} // namespace perch::evaluate
