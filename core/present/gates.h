#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/state.h"

#include <vector>

namespace perch::present {

/// One gate: a live quantity against its limit, and the verdict.
struct GateRow {
    Text name;      ///< `Live accuracy, v8`
    Cell now;       ///< `92.6 %`, `none`
    Text limit;     ///< `≥ 90.0`
    State verdict = State::NoData;
    Text word;      ///< `Pass`, `Undecided, 380 of 500`
    bool required = true;
};

struct GateTable {
    Text heading;   ///< `Required for 25 %`
    std::vector<GateRow> rows; ///< required ones first
    Chip summary;   ///< `6 of 6 required pass`
    std::size_t required = 0;
    std::size_t passing = 0; ///< of the required ones
    Text emptyText;
};

/// The verdict on a live value: pass or fail only when the whole interval is on one side of the limit and the sample
/// has reached its minimum; otherwise undecided, no data or source down. A stale value decides nothing.
enum class Sense { AtLeast, AtMost };
State verdictOf(const telemetry::LiveValue& value, double limit, Sense sense, std::uint64_t minimumSample);

/// The gates of the candidate if there is one, else those of the stable version (then nothing is required).
GateTable makeGates(const fleet::ModelFacts& model);

} // namespace perch::present
