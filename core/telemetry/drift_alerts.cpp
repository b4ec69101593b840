#include "core/telemetry/drift_alerts.h"

#include <fmt/format.h>

#include <cmath>

namespace perch::telemetry {

namespace {

using std::chrono::milliseconds;

milliseconds alertResolution(milliseconds slice) {
    return std::max(milliseconds(1), slice / 100);
}

} // namespace

std::string driftAlertTimes(milliseconds slice) {
    return fmt::format(
        "min_over_time(timestamp(ALERTS{{alertname=\"DataDriftDetected\",alertstate=\"firing\"}})[{}ms:{}ms])",
        slice.count(), alertResolution(slice).count());
}

std::vector<SystemTime> alertBeginnings(const RangeSeries& times, SystemTime firstSliceEnd, milliseconds slice) {
    std::vector<SystemTime> beginnings;
    // Of the slice before the range nothing is known.
    SystemTime lastEnd = firstSliceEnd - slice;
    bool fired = false;
    for (const auto& [end, seconds] : times.points) {
        if (!std::isfinite(seconds))
            continue;
        const SystemTime began = fromMillis(std::llround(seconds * 1e3));
        const bool goesOn = end - lastEnd < slice * 3 / 2 && (fired || began - lastEnd <= 2 * alertResolution(slice));
        if (!goesOn)
            beginnings.push_back(began);
        lastEnd = end;
        fired = true;
    }
    return beginnings;
}

} // namespace perch::telemetry
