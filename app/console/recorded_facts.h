#pragma once

#include "core/base/result.h"
#include "widgets/shell/facts.h"

#include <filesystem>

namespace perch::console {

/// A recorded snapshot with what lies beside it: `<stem>_audit.json` (records) and `<stem>_evaluation.json`, if they
/// are there. Everything that would differ from machine to machine has a fixed value, so that pictures can be compared.
Result<widgets::Facts> readRecordedFacts(const std::filesystem::path& snapshot);

} // namespace perch::console
