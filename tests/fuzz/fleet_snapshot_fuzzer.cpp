#include "core/fleet/snapshot_json.h"
#include "tests/fuzz/json_text.h"

/// A recorded snapshot, as `perch-console --recorded` reads it.
PERCH_FUZZER(fleet_snapshot) {
    using namespace perch;
    fuzz::requireRoundTrip(bytes, fleet::snapshotFromJson,
                           [](const fleet::SnapshotPtr& snapshot) { return toJson(*snapshot); });
}
