#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "widgets/train/training_run_control.h"

#include <string>

namespace perch::console {

/// What the Train screen starts: the same training as `perch train`, with the model's perch.yaml of the workspace under
/// the form. Called off the GUI thread; both references must outlive it.
widgets::Trainer makeTrainer(const Workspace& workspace, const Clock& clock, std::string who);

/// Asks a run of this workspace to stop, pause or go on.
widgets::TrainingController makeTrainingController(const Workspace& workspace);

} // namespace perch::console
