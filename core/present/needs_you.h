#pragma once

#include "core/present/fleet_screen.h"

#include <vector>

namespace perch::present {

/// What a person must act on, over all models: worst first, oldest first within a severity. Pure.
std::vector<NeedsYouCard> makeNeedsYou(const fleet::Snapshot& snapshot, SystemTime now);

/// What happened to each model between two moments, from the audit and the rollout under way now. Pure.
std::vector<Lane> makeLanes(const fleet::Snapshot& snapshot, const AuditFacts& audit, SystemTime start, SystemTime end);

} // namespace perch::present
