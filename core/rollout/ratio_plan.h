#pragma once

#include "core/rollout/plan_builder.h"

/// The steps of plans where the numbers of replicas divide the traffic (fleet::Lever::Replicas). Used by makePlan only.
namespace perch::rollout {

/// Brings stable and canary to the ratio of a split: first more of the one, which is awaited, then less of the other.
void divideByReplicas(PlanBuilder& build, const Split& target);

enum class Capacity {
    First,   ///< the target has all its replicas before the others stop
    Suffices ///< the others stop at once, the target's missing replicas start meanwhile
};
/// All wanted replicas to one version and none to any other.
void giveAllReplicas(PlanBuilder& build, Version target, Capacity capacity = Capacity::First);

/// Whether a version can take all traffic at once when a canary must go: with at least half of the wanted replicas
/// ready.
Capacity canTakeHalf(const fleet::ModelFacts& model, Version target);

/// How near the replicas come to a weight, in numbers.
Check granularityCheck(const fleet::ModelFacts& model, Percent wanted);

} // namespace perch::rollout
