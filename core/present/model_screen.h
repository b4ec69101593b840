#pragma once

#include "core/present/audit_screen.h"
#include "core/present/chart.h"
#include "core/present/gates.h"
#include "core/present/screen.h"
#include "core/present/traffic.h"
#include "core/rollout/intent.h"

#include <array>
#include <optional>
#include <vector>

namespace perch::present {

/// The six buttons of the Model screen; their order never changes.
enum class ModelButton { Promote, SetWeight, Pause, Shadow, Abort, RollBack };
inline constexpr std::size_t kModelButtons = 6;
std::string_view toString(ModelButton button); ///< `promote`: the prefix of the object name `promoteButton`

struct ActionButton {
    ModelButton button = ModelButton::Promote;
    Text label;  ///< `Promote to 25 %…`; an ellipsis means that a plan follows
    Text second; ///< its effect, or why it is off
    bool enabled = false;
    bool primary = false;
    char key = 0; ///< P W H S A B
    Text tooltip;
    rollout::Intent intent; ///< what it asks for; the weight of SetWeight is filled in by the stepper
};

/// One step of the strategy on the track.
struct TrackStep {
    enum class State { Done, Current, Next } state = State::Next;
    Percent weight;
    Text label; ///< `10 %`
    Text note;  ///< `in step 29 h 22 min`
};

/// The field beside the traffic bar in which a weight is chosen.
struct WeightField {
    Percent now;
    Percent smallest;
    Percent largest;
    bool enabled = false;
    Text reason; ///< why it is off, or `no change`
};

/// Drift of each feature over time, most harmful first.
struct HeatStrip {
    struct Row {
        std::string feature;
        std::vector<int> levels; ///< per time slice 0 to 5 of the ramp; -1: no data
        std::vector<bool> over;  ///< over the limit: carries a dot
        Cell value;              ///< the last PSI
    };
    /// Where an alert began to fire.
    struct Mark {
        double at = 0; ///< 0 to 1 of the width of all cells
        Text text;     ///< `drift alert, 7 May 21:40`
    };
    std::vector<Row> rows;
    std::vector<Mark> marks; ///< oldest first
    Text note;           ///< `PSI, dot = over 0.15`
    double limit = 0.15; ///< above which a cell carries a dot
    Text startLabel;
    Text endLabel;
    Text emptyText;
};

/// 0 to 5: < 0.05, 0.05, 0.10, 0.15, 0.25, 0.35.
inline constexpr std::array kRampEdges{0.05, 0.10, 0.15, 0.25, 0.35};
int rampLevel(double psi);

/// The Model screen.
struct ModelScreen {
    ModelName model;
    bool found = false; ///< otherwise `empty` says so
    EmptyState empty;
    std::vector<Chip> chips; ///< beside the title
    Text subtitle;           ///< `v7 stable, v8 canary, trained on ..., sha256 ...`
    std::array<ActionButton, kModelButtons> actions;
    Text trafficNote; ///< `42.0 requests/s, Route/churn`
    Text shadowNote;  ///< `No shadow running`
    TrafficBar traffic;
    WeightField weight;
    std::vector<TrackStep> track;
    Text trackEmpty; ///< why there is no track
    GateTable gates;
    Chart accuracy;
    Chart latency;
    HeatStrip drift;
    std::vector<ReplicaGroup> replicas;
    Text replicasNote; ///< `10 of 10 ready, 0 restarts`
    AuditTimeline timeline;
    StatusLine status;
};

/// What the Model screen needs besides the snapshot.
struct ModelScreenInput {
    const AuditFacts* audit = nullptr; ///< none: the timeline says so
    rollout::Actor actor;
    bool readOnly = false;
};

/// Pure.
ModelScreen makeModelScreen(const fleet::Snapshot& snapshot, const ModelName& model, const ModelScreenInput& input,
                            SystemTime now);

} // namespace perch::present
