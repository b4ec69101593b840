#pragma once

#include "core/fleet/snapshot.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::fleet {

/// A snapshot as JSON and back without loss, so that a recorded snapshot is a bug report, a test fixture and the input
/// of `perch-console --screenshots`. Package paths inside records are kept as text and not opened.
nlohmann::json toJson(const Snapshot& snapshot);

/// InvalidInput that names the field when the document is not a snapshot.
Result<SnapshotPtr> snapshotFromJson(const nlohmann::json& document);

} // namespace perch::fleet
