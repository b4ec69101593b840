#pragma once

#include "core/base/ids.h"
#include "core/base/workspace.h"

#include <cstdint>

namespace perch::training {

/// So many ended trainings of a model are kept.
constexpr std::size_t kRunsKept = 50;

/// Bounds `<workspace>/runs`: of the model's trainings that ended by themselves the newest `kept` stay, older ones are
/// removed, and what an ended one left of its checkpoint goes. One that runs, or that can be resumed, is never touched.
/// Returns how many were removed. Unavailable or Denied if a folder cannot be removed; what can be is.
Result<std::size_t> removeOldRuns(const Workspace& workspace, const ModelName& model, std::size_t kept = kRunsKept);

} // namespace perch::training
