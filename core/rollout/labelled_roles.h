#pragma once

#include "core/fleet/snapshot.h"

#include <string>

namespace perch::rollout {

/// Where labels on objects say which version has which role (fleet::Keeper::Objects): fills in the roles of the
/// versions, and of the route which version is stable and which one is the canary; where replicas divide the traffic
/// also the weights.
/// Stable is the version labelled `stable`, or the only one without a label. While roles are swapped two are: the
/// rollout record then says which one counts. A canary is labelled so and wants replicas. Returns why nobody can tell
/// which version is stable, one sentence; empty: it is clear. Pure.
std::string assignRoles(fleet::ModelFacts& model);

} // namespace perch::rollout
