#include "core/base/clock.h"

#include <fmt/chrono.h>

namespace perch {

SystemTime RealClock::now() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

SteadyTime RealClock::steadyNow() const {
    return std::chrono::steady_clock::now();
}

std::string toIso8601(SystemTime time) {
    // Not by way of system_clock, whose nanoseconds end in 1677 and 2262: tables hold dates of the year 1 and 9999.
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.time_since_epoch().count())),
        (time - seconds).count());
}

} // namespace perch
