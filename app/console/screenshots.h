#pragma once

#include "core/base/result.h"
#include "core/present/training_run.h"
#include "widgets/shell/facts.h"

#include <filesystem>

namespace perch::console {

/// Renders every screen and state at 1600 x 1000 in both themes to PNG files: fleet, one Model screen per model, a plan
/// dialog per action that makes sense, Evaluate, Drift, Train (one picture per state that a run is in), Audit, the empty workspace, no platform, and the fleet at 130 %.
/// The same facts give the same bytes on the same fonts. Needs a QApplication.
Result<std::size_t> writeScreenshots(const widgets::Facts& facts,
    const std::shared_ptr<const present::TrainingFacts>& training, const std::filesystem::path& folder);

} // namespace perch::console
