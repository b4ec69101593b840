#pragma once

#include "core/present/chart.h"
#include "core/present/screen.h"
#include "core/present/traffic.h"

#include <optional>
#include <vector>

namespace perch::present {

/// One thing that a person must act on.
struct NeedsYouCard {
    State state = State::Warning;
    ModelName model;
    Text title;     ///< `Accuracy low: credit-risk v7`
    Text body;      ///< one sentence with the numbers
    Text button;    ///< `Review promotion`
    bool primary = false;
    Text since;     ///< `waiting 5 h 22 min`, empty if not known
    std::optional<Seconds> age; ///< how long it has been so, if known: oldest first within a severity
    Text brief;     ///< two words for the `2 more` link
};

/// A value against its limit, drawn as a bullet: `0.21 / 0.15`.
struct Bullet {
    Cell value;
    Text limit;         ///< ` / 0.15`
    double fill = 0;    ///< 0 to 1 of the bar
    double mark = 0.5;  ///< where the limit's tick stands
    bool known = false; ///< no fill without a value
    bool over = false;
};

/// Weight of the candidate: what the route says and what the counters say.
struct CandidateCell {
    std::optional<Version> version; ///< nothing: `none`
    Tone tone = Tone::Canary;
    Text weight;                 ///< `10 %`, or `shadow, 0 % live`
    Text real;                   ///< `really 9.8 %`, `not measured yet`; empty without a candidate
    double wanted = 0;
    std::optional<double> measured;
};

/// One model of the fleet table, all columns.
struct FleetRow {
    ModelName model;
    Text task;                   ///< second line under the name
    std::optional<Version> stable;
    CandidateCell candidate;
    Spark spark;
    Cell accuracy;               ///< `88.1 %`
    Cell accuracyChange;         ///< `−5.7 pt` against the version's own test figure; empty text if not known
    Text accuracyNote;           ///< second line: `4,326 labels` or why there is none
    Cell candidateAccuracy;      ///< `v8 92.6 %`; empty text without one
    Bullet drift;
    Cell p99;
    Text p99Limit;               ///< `limit 50`
    Cell errors;
    std::vector<ReplicaTile> replicas;
    Cell replicasReady;          ///< `10 / 10`
    Text replicasNote;           ///< `ready`, `ready, 1 crashing`
    Chip state;
    Cell dataAge;
    bool needsYou = false;
    bool rollingOut = false;
    bool healthy = false;
    Text accessible;             ///< the row as one sentence
};

enum class FleetFilter { All, NeedsYou, RollingOut, Healthy };

/// A bar or a mark in the lane of one model, in time.
struct Lane {
    struct Mark {
        enum class Kind { Canary, Paused, Shadow, Point } kind = Kind::Point;
        SystemTime from{};
        SystemTime to{};  ///< equal to `from` for a Point
        Chip chip;        ///< Point: its glyph; the word is drawn in or beside the mark
    };
    ModelName model;
    std::vector<Mark> marks;
};

/// The Fleet screen.
struct FleetScreen {
    std::vector<NeedsYouCard> needsYou; ///< all of them, worst first, oldest first within a severity
    Text moreText;               ///< names those beyond the first four; empty if there are none
    std::vector<FleetRow> rows;  ///< by name of the snapshot
    Text title;                  ///< `6 models, 42 of 43 replicas ready`
    struct FilterButton {
        FleetFilter filter = FleetFilter::All;
        Text label;              ///< `Needs you 4`
    };
    std::vector<FilterButton> filters;
    std::vector<Lane> lanes;     ///< empty: no history was given
    SystemTime laneStart{};
    SystemTime laneEnd{};
    EmptyState empty;            ///< shown instead of everything when there is no model
    StatusLine status;
};

bool matches(const FleetRow& row, FleetFilter filter);

struct AuditFacts;

/// Pure. Ages are those of the snapshot plus the time since it was taken. Without the audit there are no lanes.
FleetScreen makeFleetScreen(const fleet::Snapshot& snapshot, SystemTime now, const AuditFacts* audit = nullptr);

} // namespace perch::present
