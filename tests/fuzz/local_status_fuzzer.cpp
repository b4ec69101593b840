#include "core/platforms/local/local_status.h"
#include "tests/fuzz/json_text.h"

/// status.json of the local platform's supervisor.
PERCH_FUZZER(local_status) {
    using namespace perch;
    fuzz::requireRoundTrip(bytes, local::LocalStatus::fromJson,
                           [](const local::LocalStatus& status) { return status.toJson(); });
}
