#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/state.h"

#include <vector>

namespace perch::present {

/// One version's part of the traffic bar. Widths follow `wanted`; what really happens is said beside it.
struct TrafficPart {
    Version version;
    Tone tone = Tone::Stable;
    double wanted = 0;  ///< 0 to 1
    std::optional<double> real = {}; ///< 0 to 1, measured; nothing: not measured
    Text name;          ///< `v7 stable`
    Text share;         ///< `90 %, really 89.7 %, 37.8 req/s`
    Text tooltip = {};
};

/// Traffic of one model now, in the order stable, canary; a shadow gets no live traffic and is not in it.
struct TrafficBar {
    std::vector<TrafficPart> parts;
    Text emptyText; ///< why there are no parts
};

TrafficBar makeTrafficBar(const fleet::ModelFacts& model);

/// A serving process as a square or tile.
struct ReplicaTile {
    std::string name;  ///< short: what is left when the model and version are taken off
    Tone tone = Tone::Stable;
    State state = State::NoData;
    Text word;         ///< `ready`, `starting`...
    Text tooltip;
};

/// The replicas of one version.
struct ReplicaGroup {
    Text title;        ///< `v7 stable`
    Tone tone = Tone::Stable;
    Text count;        ///< `9 / 9`
    State state = State::Pass;
    std::vector<ReplicaTile> tiles;
};

std::vector<ReplicaGroup> makeReplicaGroups(const fleet::ModelFacts& model);

/// `v8` -> Tone::Canary and so on.
Tone toneOf(fleet::Role role);
Text roleWord(fleet::Role role); ///< `stable`

} // namespace perch::present
