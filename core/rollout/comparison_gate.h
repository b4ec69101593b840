#pragma once

#include "core/rollout/gate.h"

#include <vector>

namespace perch::rollout {

/// The gates that compare a canary with the stable version since the rollout began: accuracy over the labelled requests
/// and the error rate over all requests. Their value is the difference, canary less stable, with an interval that may
/// be looked at any time (core/stats/sequential.h): pass when the canary is better, or worse by less than the margin;
/// fail when it is worse by more; else undecided, with the time that it will take at the present weight and traffic.
/// Counts that are missing, stale or whose source is down never pass. Empty unless `version` is the canary of a rollout
/// and the model wants the comparison.
std::vector<GateVerdict> comparisonsOf(const fleet::ModelFacts& model, Version version);

/// A time that is an estimate, in one unit: `5 h`, `12 min`.
std::string aboutTime(Seconds time);

} // namespace perch::rollout
