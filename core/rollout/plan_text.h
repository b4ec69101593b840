#pragma once

#include "core/rollout/plan.h"

#include <cstdint>
#include <string>

namespace perch::rollout {

/// The plan as a person reads it in the terminal, one fact per line: warnings first, then the traffic before and after,
/// the steps in order, the checks. The same text is what `Copy plan` copies and what the case files hold.
std::string planText(const Plan& plan);

/// `1 replica`, `3 replicas`.
std::string replicasText(std::uint32_t count);

/// A value of a field in words: a rollout record is too long for a line.
std::string valueWords(const std::string& field, const std::string& value);

} // namespace perch::rollout
