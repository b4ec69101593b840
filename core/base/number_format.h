#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <string>

/// Numbers as people read them on every screen and in the terminal. A no-break space stands before each unit.
namespace perch {

std::string formatPercent(double share, int decimals = 1);        ///< 0.926 -> "92.6 %"
std::string formatPoints(double differenceOfShares);              ///< -0.057 -> "−5.7 pt" (true minus)
std::string formatSigned(double value, int decimals);             ///< 0.035 -> "+0.035"
std::string formatDecimal(double value, int decimals);            ///< 0.2134, 2 -> "0.21"; never "-0.00"
std::string formatCount(std::uint64_t count);                     ///< 4812 -> "4,812", 3630000 -> "3.63 M"
std::string formatLatency(double milliseconds);                   ///< "12.4 ms", "240 ms", "1.2 s"
std::string formatAge(Seconds age);                               ///< "8 s", "14 min", "5 h 22 min", "3 d 11 h"
std::string formatBytes(std::uint64_t bytes);                     ///< "1.50 GiB", "12.0 MiB", "976 KiB"
std::string formatPValue(double p);                               ///< two significant digits, floor "< 0.0001"

} // namespace perch
