#include "core/data/build/look_back.h"

#include <chrono>
#include <cmath>
#include <limits>

namespace perch::data {

Micros windowStart(Micros asOf, const spec::WindowSpec& window) {
    if (window.months == 0 && window.seconds <= Seconds(0))
        return std::numeric_limits<Micros>::min();
    if (window.months == 0)
        return asOf - static_cast<Micros>(std::llround(window.seconds.count() * static_cast<double>(kMicrosPerSecond)));
    using namespace std::chrono;
    const sys_time<microseconds> time{microseconds(asOf)};
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    year_month_day earlier = date - months(static_cast<int>(window.months));
    if (!earlier.ok())
        earlier = earlier.year() / earlier.month() / last;
    return (sys_days(earlier).time_since_epoch() + (time - day)).count();
}

} // namespace perch::data
