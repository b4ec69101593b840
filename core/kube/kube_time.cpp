#include "core/kube/kube_time.h"

#include <algorithm>

namespace perch::kube {

namespace {

bool isKubeDigit(char letter) {
    return letter >= '0' && letter <= '9';
}

/// `count` digits at the front of `text`, which are taken off; nothing if there are fewer.
std::optional<int> takeNumber(std::string_view& text, std::size_t count) {
    if (text.size() < count ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), isKubeDigit))
        return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = number * 10 + (text[i] - '0');
    text.remove_prefix(count);
    return number;
}

bool takeLetter(std::string_view& text, char letter) {
    if (!text.starts_with(letter))
        return false;
    text.remove_prefix(1);
    return true;
}

/// The number after `before`, or nothing.
std::optional<int> takePart(std::string_view& text, char before, std::size_t digits, int largest) {
    const std::optional<int> number = takeLetter(text, before) ? takeNumber(text, digits) : std::nullopt;
    return number && *number <= largest ? number : std::nullopt;
}

/// Milliseconds of `.123456`, which may be absent.
std::optional<int> takeFraction(std::string_view& text) {
    if (!takeLetter(text, '.'))
        return 0;
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, isKubeDigit) - text.begin());
    if (end == 0 || end > 9)
        return std::nullopt;
    int millis = 0;
    for (std::size_t i = 0; i < 3; ++i)
        millis = millis * 10 + (i < end ? text[i] - '0' : 0);
    text.remove_prefix(end);
    return millis;
}

std::optional<std::chrono::minutes> takeOffset(std::string_view& text) {
    if (takeLetter(text, 'Z'))
        return std::chrono::minutes(0);
    const int sign = text.starts_with('-') ? -1 : 1;
    const std::optional<int> hours = takePart(text, sign < 0 ? '-' : '+', 2, 23);
    const std::optional<int> minutes = hours ? takePart(text, ':', 2, 59) : std::nullopt;
    if (!minutes)
        return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

} // namespace

std::optional<SystemTime> parseKubeTime(std::string_view text) {
    using namespace std::chrono;
    const std::optional<int> y = takeNumber(text, 4);
    const std::optional<int> m = y ? takePart(text, '-', 2, 12) : std::nullopt;
    const std::optional<int> d = m ? takePart(text, '-', 2, 31) : std::nullopt;
    const std::optional<int> hour = d ? takePart(text, 'T', 2, 23) : std::nullopt;
    const std::optional<int> minute = hour ? takePart(text, ':', 2, 59) : std::nullopt;
    const std::optional<int> second = minute ? takePart(text, ':', 2, 60) : std::nullopt;
    const std::optional<int> fraction = second ? takeFraction(text) : std::nullopt;
    const std::optional<std::chrono::minutes> offset = fraction ? takeOffset(text) : std::nullopt;
    if (!offset || !text.empty())
        return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok())
        return std::nullopt;
    return SystemTime(sys_days(date) + hours(*hour) + std::chrono::minutes(*minute) + seconds(*second) +
                      milliseconds(*fraction) - *offset);
}

} // namespace perch::kube
