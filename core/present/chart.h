#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/state.h"

#include <optional>
#include <vector>

namespace perch::present {

/// One line of a chart. Values are in the chart's unit (percent, milliseconds); a gap is nothing and is never bridged.
struct ChartLine {
    enum class Dash { Solid, Secondary, Estimated, Shadow } dash = Dash::Solid;
    Text name;       ///< without a value, for the table and the cursor: `v8`, `v8 p99`
    Text label;      ///< at the right end, with the current value: `v8 92.6 %`
    Tone tone = Tone::Stable;
    fleet::Series points;
    std::optional<SystemTime> staleSince = {}; ///< the last real sample, where the line stopped before now
};

/// A numbered flag on top of a chart and its words under it.
struct ChartEvent {
    int number = 0;
    SystemTime at{};
    Text text;
};

/// A chart of live series, ready to draw: every decision about axis, limit and wording is made here.
struct Chart {
    Text title;
    Text note;                 ///< secondary words in the header: samples, window
    std::vector<ChartLine> lines;
    std::vector<ChartEvent> events;
    std::optional<double> limit;
    Text limitLabel;           ///< `limit 90.0 %`
    bool limitOutside = false; ///< the limit is above the range: the label is written at that edge, no line
    double low = 0;            ///< the axis, already rounded to its ticks
    double high = 1;
    double tickStep = 0.25;
    Text unit;                 ///< after each tick, ` %` or empty
    SystemTime start{};
    SystemTime end{};
    Text footnote;             ///< `dotted: estimated, band: 95 %`
    Text emptyText;            ///< why there is no line; empty if there is one
    Text summary;              ///< accessible description
};

/// A tiny line in a table row. Values run from 0 to 1 of its own range, oldest first.
struct Spark {
    struct Line {
        Tone tone = Tone::Stable;
        bool dashed = false;
        std::vector<std::optional<double>> values; ///< 0 is the bottom, 1 the top
    };
    std::vector<Line> lines;
    std::optional<double> limit;   ///< 0 to 1, if it lies in the range
    double staleShare = 0;         ///< share of the width, at the right, that is hatched
};

/// The axis that holds [low, high] with 4 to 7 gridlines at round steps.
struct Axis {
    double low = 0;
    double high = 1;
    double step = 0.25;
    bool operator==(const Axis&) const = default;
};
Axis niceAxis(double low, double high);

} // namespace perch::present
