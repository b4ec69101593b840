#pragma once

#include "core/model/training_watch.h"

#include <filesystem>

namespace perch::model {

/// Writes `checkpoint` into the folder of a run in one step: the state as a line of JSON, then the model's bytes.
Result<void> writeCheckpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint);

/// NotFound if the run had not come to one; Corrupt if it is none.
Result<Checkpoint> readCheckpoint(const std::filesystem::path& folder);

} // namespace perch::model
