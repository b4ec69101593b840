#pragma once

#include "core/present/chart.h"
#include "core/present/screen.h"

#include <optional>
#include <vector>

namespace perch::present {

/// A point of a curve, in the units of its card's axes.
struct CurvePoint {
    double x = 0;
    double y = 0;
    bool operator==(const CurvePoint&) const = default;
};

/// Curves over a number: ROC, precision-recall and calibration (both axes from 0 to 1), or a metric over the boosting
/// rounds of a training, or the errors of a regression. Ready to draw: axes, words and marks are decided where the card
/// is made.
struct CurveCard {
    struct Line {
        Tone tone = Tone::Canary;
        Text label; ///< `v8 candidate 0.953`
        std::vector<CurvePoint> points;
        std::optional<CurvePoint> mark; ///< the ring: of the threshold, or of the best round
        bool dots = false;              ///< points alone, in any order, without a line between them
        bool markers = false;           ///< calibration: a circle for the candidate, a square for the baseline
        ChartLine::Dash dash = ChartLine::Dash::Solid;
        Tone markTone = Tone::Plain; ///< of the ring; Plain: that of the line
        bool operator==(const Line&) const = default;
    };
    /// A line across the plot with two short lines of words beside its top.
    struct Upright {
        double x = 0;
        Tone tone = Tone::Pass;
        bool dashed = false;
        bool wordsLeft = false;
        Text first, second;
        bool operator==(const Upright&) const = default;
    };
    Text title;
    Text note;
    Axis x{0, 1, 0.2}, y{0, 1, 0.2};
    std::vector<Line> lines;
    std::optional<double> level; ///< dashed horizontal line: the positive rate
    bool diagonal = false;       ///< dashed diagonal of equal x and y: chance, or perfect calibration
    Text levelLabel;             ///< `chance 0.500`
    std::vector<Upright> uprights;
    std::optional<std::pair<double, double>> hatched; ///< from, to: rounds without a gain
    bool endLabels = false;                           ///< words at the ends of the lines and not in a legend
    int xDecimals = 4;                                ///< of x in the table
    Text axisText;
    Text emptyText;
    bool operator==(const CurveCard&) const = default;
};

} // namespace perch::present
