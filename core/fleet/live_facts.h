#pragma once

#include "core/fleet/snapshot.h"
#include "core/telemetry/live_quality.h"

namespace perch::fleet {

/// Gives each version of a snapshot its live values out of what Prometheus was last asked; while that does not answer,
/// a version that it never told of is `source down`. Returns how Prometheus stands, as a source of the snapshot.
SourceFacts addLive(Snapshot& snapshot, const telemetry::QualityReading& reading);

} // namespace perch::fleet
