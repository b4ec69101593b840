#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/state.h"
#include "core/rollout/gate.h"

#include <vector>

namespace perch::present {

/// One gate: a live quantity against its limit, and the verdict of core/rollout in words.
struct GateRow {
    Text name;      ///< `Live accuracy, v8`
    Cell now;       ///< `92.6 %`, `none`
    Text limit;     ///< `≥ 90.0`
    State verdict = State::NoData;
    Text word;      ///< `Pass`, `380 of 500`, `No data`
    Text reason;    ///< one sentence with the numbers
    bool required = true;
};

struct GateTable {
    Text heading;   ///< `Required for 25 %`
    std::vector<GateRow> rows; ///< required ones first
    Chip summary;   ///< `6 of 6 required pass`; empty when nothing is required
    std::size_t required = 0;
    std::size_t passing = 0; ///< of the required ones
    Text emptyText;
};

State toState(rollout::Verdict verdict);

/// The verdict on one quantity of a version; NoData if there is no such gate.
State gateState(const fleet::ModelFacts& model, Version version, rollout::Quantity quantity);

/// The gates of the candidate if there is one, else the limits of the stable version (then nothing is required).
GateTable makeGates(const fleet::ModelFacts& model);

/// The weight that the next step of the strategy has.
Percent nextWeight(const fleet::ModelFacts& model);

} // namespace perch::present
