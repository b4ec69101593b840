#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace perch::data {

/// A moment in microseconds since 1970-01-01 UTC.
using Micros = std::int64_t;
inline constexpr Micros kMicrosPerSecond = 1'000'000;
inline constexpr Micros kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// The texts of cells as values. Nothing: the text is not one. Spaces around it do not matter; nothing is ever
/// evaluated: `=1+1` is a text. Pure, safe from any thread.

/// `12`, `-1.5e3`; finite and within the range of a 32-bit float, as models read it.
std::optional<double> parseNumber(std::string_view text);

/// An amount: `1,234.50`, `$12.00`, `12.00 EUR`, `(3.10)` for -3.10, `1'234.50`. The European form only where it can be
/// read in no other way: `1.234,50` and `12,50` are, `1.234` is no amount (1.234 or 1234?). `1,234` is 1234.
std::optional<double> parseMoney(std::string_view text);

/// ISO 8601 with or without an offset (none: UTC), a date alone (its midnight), or seconds since the epoch of 9 to 11
/// digits. Years 1 to 9999; digits past microseconds are cut.
std::optional<Micros> parseTimestamp(std::string_view text);

/// true, false, yes, no, t, f, y, n, on, off, 1, 0; case does not matter.
std::optional<bool> parseBoolean(std::string_view text);

/// Without spaces and tabs around it, and carriage returns behind it.
inline std::string_view trimmedCell(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

/// The day of a moment, e.g. `2026-05-01`.
std::string toDate(Micros time);
/// `2026-05-01T10:00:00.000Z`, to the millisecond.
std::string toIso(Micros time);

} // namespace perch::data
