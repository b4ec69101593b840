#include "core/base/number_format.h"

#include <fmt/format.h>

#include <cmath>

namespace perch {

namespace {

constexpr const char* kNoBreakSpace = "\u00a0";
constexpr const char* kMinus = "\u2212";

} // namespace

std::string formatDecimal(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", std::fabs(value), decimals);
    const bool isZero = text.find_first_not_of("0.") == std::string::npos;
    return value < 0 && !isZero ? kMinus + text : text;
}

std::string formatPercent(double share, int decimals) {
    return formatDecimal(share * 100, decimals) + kNoBreakSpace + "%";
}

std::string formatSigned(double value, int decimals) {
    const std::string text = formatDecimal(value, decimals);
    return text.starts_with(kMinus) ? text : "+" + text;
}

std::string formatPoints(double differenceOfShares) {
    return formatSigned(differenceOfShares * 100, 1) + kNoBreakSpace + "pt";
}

std::string formatCount(std::uint64_t count) {
    if (count >= 1'000'000)
        return fmt::format("{:.2f}{}M", static_cast<double>(count) / 1e6, kNoBreakSpace);
    if (count >= 1'000)
        return fmt::format("{},{:03}", count / 1'000, count % 1'000);
    return std::to_string(count);
}

std::string formatLatency(double milliseconds) {
    if (milliseconds < 99.95)
        return formatDecimal(milliseconds, 1) + kNoBreakSpace + "ms";
    if (milliseconds < 999.5)
        return formatDecimal(milliseconds, 0) + kNoBreakSpace + "ms";
    return formatDecimal(milliseconds / 1'000, 1) + kNoBreakSpace + "s";
}

std::string formatAge(Seconds age) {
    const auto seconds = static_cast<std::int64_t>(std::floor(std::max(0.0, age.count())));
    const auto two = [](std::int64_t large, const char* largeUnit, std::int64_t small, const char* smallUnit) {
        std::string text = fmt::format("{}{}{}", large, kNoBreakSpace, largeUnit);
        if (small > 0)
            text += fmt::format(" {}{}{}", small, kNoBreakSpace, smallUnit);
        return text;
    };
    if (seconds < 60)
        return fmt::format("{}{}s", seconds, kNoBreakSpace);
    if (seconds < 3'600)
        return fmt::format("{}{}min", seconds / 60, kNoBreakSpace);
    if (seconds < 86'400)
        return two(seconds / 3'600, "h", seconds % 3'600 / 60, "min");
    return two(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
}

std::string formatBytes(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value >= 1024.0 * 1024 * 1024)
        return fmt::format("{:.2f}{}GiB", value / (1024.0 * 1024 * 1024), kNoBreakSpace);
    if (value >= 1024.0 * 1024)
        return fmt::format("{:.1f}{}MiB", value / (1024.0 * 1024), kNoBreakSpace);
    return fmt::format("{:.0f}{}KiB", value / 1024.0, kNoBreakSpace);
}

std::string formatPValue(double p) {
    if (p < 0.0001)
        return "<" + std::string(kNoBreakSpace) + "0.0001";
    return fmt::format("{:.2}", p);
}

} // namespace perch
