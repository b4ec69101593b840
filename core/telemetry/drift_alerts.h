#pragma once

#include "core/telemetry/prometheus_client.h"

#include <chrono>
#include <string>
#include <vector>

namespace perch::telemetry {

/// PromQL of the first moment, in seconds since 1970, at which the drift alert of each version fired within a slice of
/// time, to a hundredth of the slice. No element where it did not fire. Read at the ends of the slices of a history.
std::string driftAlertTimes(std::chrono::milliseconds slice);

/// When it began to fire, oldest first, from the answer over a range of slices. An alert that fires in two slices in
/// succession has gone on; one that fires as the range begins had begun before, which is not told.
std::vector<SystemTime> alertBeginnings(const RangeSeries& times, SystemTime firstSliceEnd,
                                        std::chrono::milliseconds slice);

} // namespace perch::telemetry
