#pragma once

#include "core/base/clock.h"

#include <chrono>

namespace perch::demo {

/// One hour of the story lasts this long on the clock.
inline constexpr std::chrono::milliseconds kStoryHour{5'000};
/// Story seconds per second, for rules, windows and gates.
inline constexpr double kTimeFactor = 3'600'000.0 / static_cast<double>(kStoryHour.count());

constexpr std::chrono::milliseconds storyHours(double hours) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(hours * static_cast<double>(kStoryHour.count())));
}

inline double toStoryHours(SteadyTime::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count() / static_cast<double>(kStoryHour.count());
}

} // namespace perch::demo
