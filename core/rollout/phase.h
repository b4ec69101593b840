#pragma once

#include "core/fleet/snapshot.h"

#include <map>
#include <string>

namespace perch::rollout {

/// What was seen on the platform, beside the record.
struct ObservedObjects {
    fleet::Route route;
    std::map<Version, fleet::Replicas> replicas;
    std::optional<fleet::Mirror> mirror = {};
};

/// A phase and why, in one sentence (never empty).
struct PhaseVerdict {
    fleet::Phase phase = fleet::Phase::Idle;
    std::string reason;
};

/// Where a rollout is: a pure function of the record and the observed objects, so that a second console, or the same
/// one after a crash, sees the same phase. Where record and route disagree the phase is Diverged and the reason names
/// both sides; nothing is repaired.
PhaseVerdict phaseOf(const fleet::RolloutRecord& record, const ObservedObjects& observed);
PhaseVerdict phaseOf(const fleet::ModelFacts& model);

} // namespace perch::rollout
