#include "core/data/build/cell_parser.h"

#include "core/base/clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace perch::data {

namespace {

/// The years 1 to 9999 in UTC.
constexpr Micros kFirstMoment = -719'162 * kMicrosPerDay;
constexpr Micros kEndOfTime = 2'932'897 * kMicrosPerDay;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool allDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

/// Exactly `count` digits at the front, taken off the text.
std::optional<int> takeDigits(std::string_view& text, std::size_t count) {
    if (text.size() < count)
        return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!isDigit(text[i]))
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// --- amounts ---

/// Takes a currency's sign or three-letter code off either end.
std::string_view withoutCurrency(std::string_view text) {
    constexpr std::string_view kSigns[] = {"$", "€", "£", "¥", "₹"};
    for (const std::string_view sign : kSigns) {
        if (take(text, sign))
            return trimmedCell(text);
        if (text.ends_with(sign))
            return trimmedCell(text.substr(0, text.size() - sign.size()));
    }
    const auto isCode = [](std::string_view part) {
        return part.size() == 3 && std::all_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    };
    if (text.size() > 3 && isCode(text.substr(0, 3)))
        return trimmedCell(text.substr(3));
    if (text.size() > 3 && isCode(text.substr(text.size() - 3)))
        return trimmedCell(text.substr(0, text.size() - 3));
    return text;
}

/// Whether digits are cut into groups of three by `separator`, the first group of one to three.
bool isGrouped(std::string_view digits, char separator) {
    std::size_t group = 0, groups = 0;
    for (const char c : digits) {
        if (c != separator) {
            ++group;
            continue;
        }
        if (groups == 0 ? group == 0 || group > 3 : group != 3)
            return false;
        ++groups;
        group = 0;
    }
    return groups > 0 && group == 3 && digits.front() != '0';
}

/// Digits with '.' for the decimal point and no groups, from either form; empty if the text is no amount.
std::string plainDecimal(std::string_view text) {
    const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
    const auto points = count('.'), commas = count(',');
    const char last = points + commas == 0 ? '\0' : text[text.find_last_of(".,")];
    const char other = last == '.' ? ',' : '.';
    const std::size_t at = text.find_last_of(".,");
    const std::string_view whole = text.substr(0, at), fraction = at == text.npos ? "" : text.substr(at + 1);
    std::string plain;
    const auto append = [&](std::string_view digits) {
        std::copy_if(digits.begin(), digits.end(), std::back_inserter(plain), isDigit);
        return plain;
    };
    if (last == '\0')
        return append(text);
    if (points > 0 && commas > 0) { // both: the last one is the decimal point
        if (count(last) != 1 || !isGrouped(whole, other))
            return {};
        return append(whole) + "." + std::string(fraction);
    }
    if (points + commas > 1 || (last == ',' && fraction.size() == 3 && isGrouped(text, ',')))
        return isGrouped(text, last) ? append(text) : std::string();
    // One separator. A point before three digits may be either form's; elsewhere it is the decimal point.
    if (last == '.' && isGrouped(text, '.'))
        return {};
    if (last == ',' && (whole.empty() || fraction.size() == 3))
        return {};
    return append(whole) + "." + std::string(fraction);
}

// --- timestamps ---

std::optional<Micros> takeDate(std::string_view& text) {
    const std::optional<int> year = takeDigits(text, 4);
    if (!year || *year == 0 || !take(text, "-"))
        return std::nullopt;
    const std::optional<int> month = takeDigits(text, 2);
    if (!month || !take(text, "-"))
        return std::nullopt;
    const std::optional<int> day = takeDigits(text, 2);
    if (!day)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count() * kMicrosPerDay;
}

/// Digits after the point of seconds; digits past microseconds are cut.
std::optional<Micros> takeFraction(std::string_view& text) {
    if (!take(text, ".") && !take(text, ","))
        return 0;
    Micros value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && isDigit(text[digits]); ++digits) {
        if (digits < 6)
            value = value * 10 + (text[digits] - '0');
    }
    if (digits == 0)
        return std::nullopt;
    for (std::size_t i = digits; i < 6; ++i)
        value *= 10;
    text.remove_prefix(digits);
    return value;
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.ffffff`
std::optional<Micros> takeTime(std::string_view& text) {
    const std::optional<int> hour = takeDigits(text, 2);
    if (!hour || *hour > 23 || !take(text, ":"))
        return std::nullopt;
    const std::optional<int> minute = takeDigits(text, 2);
    if (!minute || *minute > 59)
        return std::nullopt;
    Micros seconds = *hour * 3600 + *minute * 60;
    if (!take(text, ":"))
        return seconds * kMicrosPerSecond;
    const std::optional<int> second = takeDigits(text, 2);
    if (!second || *second > 60)
        return std::nullopt;
    const std::optional<Micros> fraction = takeFraction(text);
    if (!fraction)
        return std::nullopt;
    return (seconds + *second) * kMicrosPerSecond + *fraction;
}

/// `Z`, ` UTC`, `+02`, `+0200` or `+02:00`; what is east of Greenwich is ahead of UTC.
std::optional<Micros> offsetOf(std::string_view text) {
    text = trimmedCell(text);
    if (text.empty() || text == "Z" || text == "z" || text == "UTC")
        return 0;
    const char sign = text.front();
    if (sign != '+' && sign != '-')
        return std::nullopt;
    text.remove_prefix(1);
    const std::optional<int> hours = takeDigits(text, 2);
    take(text, ":");
    const std::optional<int> minutes = text.empty() ? 0 : takeDigits(text, 2);
    if (!hours || *hours > 18 || !minutes || *minutes > 59 || !text.empty())
        return std::nullopt;
    const Micros offset = (*hours * 3600 + *minutes * 60) * kMicrosPerSecond;
    return sign == '-' ? -offset : offset;
}

/// `2026-05-01T10:00:00Z`, as most files have it, several times as fast as part by part; nothing for any other form.
std::optional<Micros> usualForm(std::string_view text) {
    constexpr std::string_view kSmallest = "0000-00-00T00:00:00Z", kLargest = "9999-99-99T99:99:99Z";
    if (text.size() != kSmallest.size())
        return std::nullopt;
    bool misfits = false; // no early way out: all bytes are compared at once
    for (std::size_t i = 0; i < kSmallest.size(); ++i)
        misfits |= static_cast<unsigned char>(text[i]) < static_cast<unsigned char>(kSmallest[i]) ||
                   static_cast<unsigned char>(text[i]) > static_cast<unsigned char>(kLargest[i]);
    const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    if (misfits || two(11) > 23 || two(14) > 59 || two(17) > 60)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(two(0) * 100 + two(2)),
                                           std::chrono::month(static_cast<unsigned>(two(5))),
                                           std::chrono::day(static_cast<unsigned>(two(8)))};
    if (!date.ok() || date.year() == std::chrono::year(0))
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count() * kMicrosPerDay +
           (two(11) * 3600 + two(14) * 60 + two(17)) * kMicrosPerSecond;
}

/// A date has four digits of a year.
std::optional<Micros> inCalendar(Micros moment) {
    return moment >= kFirstMoment && moment < kEndOfTime ? std::optional(moment) : std::nullopt;
}

std::optional<Micros> epochSeconds(std::string_view text) {
    const bool negative = take(text, "-");
    const std::string_view whole = text.substr(0, text.find('.'));
    if (!allDigits(whole) || whole.size() < 9 || whole.size() > 11)
        return std::nullopt;
    Micros seconds = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
    text.remove_prefix(whole.size());
    const std::optional<Micros> fraction = takeFraction(text);
    if (!fraction || !text.empty())
        return std::nullopt;
    const Micros time = seconds * kMicrosPerSecond + *fraction;
    return inCalendar(negative ? -time : time);
}

} // namespace

std::optional<double> parseNumber(std::string_view text) {
    text = trimmedCell(text);
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return std::nullopt;
    if (error == std::errc::result_out_of_range) // too large, or too small for a double: then it is 0
        return text.find("e-") == text.npos && text.find("E-") == text.npos ? std::nullopt : std::optional(0.0);
    return std::abs(value) <= std::numeric_limits<float>::max() ? std::optional(value) : std::nullopt;
}

std::optional<double> parseMoney(std::string_view text) {
    text = trimmedCell(text);
    bool negative = false;
    if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
        negative = true;
        text = trimmedCell(text.substr(1, text.size() - 2));
    }
    const auto takeSign = [&] {
        const bool minus = take(text, "-") || take(text, "−");
        const bool signedNow = minus || take(text, "+");
        if (signedNow && negative)
            return false; // "(-3)" and "--3" say nothing
        negative = negative || minus;
        text = trimmedCell(text);
        return true;
    };
    if (!takeSign())
        return std::nullopt;
    text = withoutCurrency(text);
    if (!takeSign())
        return std::nullopt;
    // Groups may be cut by an apostrophe or a space too; both go if they stand before three digits.
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string_view rest = text.substr(i);
        const std::size_t before = rest.size();
        if (!digits.empty() && (take(rest, "'") || take(rest, "’") || take(rest, " ") || take(rest, "\u00A0") ||
                                take(rest, "\u202F"))) {
            const bool group = rest.size() >= 3 && allDigits(rest.substr(0, 3)) && (rest.size() == 3 || !isDigit(rest[3]));
            if (!group)
                return std::nullopt;
            i += before - rest.size() - 1;
            continue;
        }
        if (!isDigit(text[i]) && text[i] != '.' && text[i] != ',')
            return std::nullopt;
        digits += text[i];
    }
    const std::string plain = plainDecimal(digits);
    const std::optional<double> value = plain.empty() || plain == "." ? std::nullopt : parseNumber(plain);
    return value && negative ? -*value : value;
}

std::optional<Micros> parseTimestamp(std::string_view text) {
    text = trimmedCell(text);
    if (const std::optional<Micros> time = usualForm(text))
        return inCalendar(*time);
    if (text.size() < 10 || text[4] != '-')
        return epochSeconds(text);
    const std::optional<Micros> date = takeDate(text);
    if (!date || text.empty())
        return date;
    if (!take(text, "T") && !take(text, "t") && !take(text, " "))
        return std::nullopt;
    const std::optional<Micros> time = takeTime(text);
    const std::optional<Micros> offset = time ? offsetOf(text) : std::nullopt;
    if (!offset)
        return std::nullopt;
    return inCalendar(*date + *time - *offset);
}

std::optional<bool> parseBoolean(std::string_view text) {
    text = trimmedCell(text);
    constexpr std::size_t kLongest = 5;
    if (text.size() > kLongest)
        return std::nullopt;
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    constexpr std::array<std::string_view, 6> kYes = {"true", "yes", "t", "y", "on", "1"};
    constexpr std::array<std::string_view, 6> kNo = {"false", "no", "f", "n", "off", "0"};
    if (std::find(kYes.begin(), kYes.end(), lower) != kYes.end())
        return true;
    if (std::find(kNo.begin(), kNo.end(), lower) != kNo.end())
        return false;
    return std::nullopt;
}

std::string toDate(Micros time) {
    const Micros day = time >= 0 ? time / kMicrosPerDay : (time - kMicrosPerDay + 1) / kMicrosPerDay;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string toIso(Micros time) {
    return toIso8601(fromMillis((time - (time % 1000 + 1000) % 1000) / 1000));
}

} // namespace perch::data
