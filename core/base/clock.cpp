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
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
        (time - seconds).count());
}

} // namespace perch
