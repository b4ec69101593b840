#pragma once

#include "core/rollout/gate.h"
#include "core/rollout/plan.h"

namespace perch::rollout {

/// Looks at a plan whose steps are laid: fills in its risk, checks, owners, warnings (the uncomfortable fact first) and
/// evidence. Pure. Used by makePlan only.
void review(const fleet::Snapshot& snapshot, const fleet::ModelFacts& model, Plan& plan);

/// What was seen of a model, as compact JSON.
std::string evidenceOf(const fleet::Snapshot& snapshot, const fleet::ModelFacts& model);

} // namespace perch::rollout
