#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "widgets/evaluate/evaluation_request.h"

namespace perch::console {

/// What the Evaluate screen runs: loads the registered versions, scores the file and stores the result as the model's
/// last evaluation, as `perch evaluate` does. Called off the GUI thread. Both arguments must outlive the evaluator.
widgets::Evaluator makeEvaluator(const Workspace& workspace, const Clock& clock);

} // namespace perch::console
