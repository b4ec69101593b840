#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "widgets/drift/drift_request.h"

namespace perch::console {

/// What the Drift screen runs: loads the registered version, compares the two tables as `perch drift --package` does
/// and keeps the result as the model's last comparison. Called off the GUI thread. Both arguments must outlive the
/// measurer.
widgets::DriftMeasurer makeDriftMeasurer(const Workspace& workspace, const Clock& clock);

} // namespace perch::console
