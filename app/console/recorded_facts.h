#pragma once

#include "core/base/result.h"
#include "core/present/training_run.h"
#include "widgets/shell/facts.h"

#include <filesystem>

namespace perch::console {

/// A recorded snapshot with what lies beside it: `<stem>_audit.json` (records), `<stem>_evaluation.json` (and
/// `_evaluation_classes.json`, `_evaluation_regression.json`) and
/// `<stem>_drift.json`, if they are there. Everything that would differ from machine to machine has a fixed value, so
/// that pictures can be compared.
Result<widgets::Facts> readRecordedFacts(const std::filesystem::path& snapshot);

/// The run folders in `<stem>_trainings/`, if there are any, with a machine that is always the same. Their states are
/// as written.
Result<present::TrainingFacts> readRecordedTrainings(const std::filesystem::path& snapshot, SystemTime now);

} // namespace perch::console
