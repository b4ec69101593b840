#include "core/present/words.h"

#include "core/base/number_format.h"

#include <fmt/chrono.h>

namespace perch::present {

namespace {

constexpr const char* kNoBreakSpace = "\u00a0";

std::tm utc(SystemTime time) {
    return fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time)));
}

/// The number as the argument, its unit as a word.
Text latencyText(const std::string& latency) {
    const std::size_t space = latency.find(kNoBreakSpace);
    const std::string number = latency.substr(0, space);
    return latency.ends_with("ms") ? PERCH_TEXT("Values", "%1\u00a0ms", {number})
                                   : PERCH_TEXT("Values", "%1\u00a0s", {number});
}

} // namespace

std::string dayTime(SystemTime time) {
    return fmt::format("{} {:%b %H:%M}", utc(time).tm_mday, utc(time));
}

std::string clockTime(SystemTime time) {
    return fmt::format("{:%H:%M:%S}", utc(time));
}

std::string hourMinute(SystemTime time) {
    return fmt::format("{:%H:%M}", utc(time));
}

std::string dayOnly(SystemTime time) {
    return fmt::format("{} {:%b}", utc(time).tm_mday, utc(time));
}

std::string versionText(const std::optional<Version>& version) {
    return version ? version->text() : std::string();
}

std::string percentText(Percent weight) {
    return weight.text() + kNoBreakSpace + "%";
}

std::string weightShare(double share) {
    return formatPercent(share, 1);
}

std::string rateText(double perSecond) {
    return perSecond < 1'000 ? formatDecimal(perSecond, 1) : formatCount(static_cast<std::uint64_t>(perSecond));
}

Seconds sinceTaken(const fleet::Snapshot& snapshot, SystemTime now) {
    return std::max(Seconds(0), std::chrono::duration_cast<Seconds>(now - snapshot.takenAt));
}

Seconds ageNow(const telemetry::LiveValue& value, const fleet::Snapshot& snapshot, SystemTime now) {
    return value.age + sinceTaken(snapshot, now);
}

Text maybeText(const std::string& text) {
    return text.empty() ? Text{} : verbatim(text);
}

Text noneText() {
    return PERCH_TEXT("Values", "none");
}

bool hasNumber(const telemetry::LiveValue& value) {
    using telemetry::LiveState;
    return value.value.has_value() && value.state != LiveState::NoData;
}

bool isCurrent(const telemetry::LiveValue& value) {
    return value.value.has_value() && value.state == telemetry::LiveState::Ok;
}

std::string quantityText(double value, Unit unit) {
    switch (unit) {
    case Unit::Percent1:
        return formatPercent(value, 1);
    case Unit::Percent2:
        return formatPercent(value, 2);
    case Unit::Decimal2:
        return formatDecimal(value, 2);
    case Unit::Decimal3:
        return formatDecimal(value, 3);
    case Unit::Milliseconds:
        return formatLatency(value);
    case Unit::Points1:
        return formatPoints(value);
    case Unit::Points2:
        return formatSigned(value * 100, 2) + "\u00a0pt";
    }
    return {};
}

Cell quantityCell(const Text& name, const telemetry::LiveValue& value, Unit unit, Seconds age) {
    const std::string label = name.english();
    Cell cell;
    cell.state = stateOf(value);
    if (!hasNumber(value)) {
        cell.text = noneText();
        cell.tone = Tone::Muted;
        cell.tooltip = cell.state == State::SourceDown ? PERCH_TEXT("Values", "%1: the source is down", {label})
                                                       : PERCH_TEXT("Values", "%1: no data", {label});
        return cell;
    }
    const std::string number = quantityText(*value.value, unit);
    cell.text = unit == Unit::Milliseconds ? latencyText(number) : verbatim(number);
    const bool current = isCurrent(value);
    cell.tone = current ? Tone::Plain : Tone::Muted;
    std::string interval;
    // A dash beside signs reads as one of them.
    const bool points = unit == Unit::Points1 || unit == Unit::Points2;
    if (value.low && value.high)
        interval = fmt::format(" ({}{}{})", quantityText(*value.low, unit), points ? " to " : "\u2013",
                               quantityText(*value.high, unit));
    if (current)
        cell.tooltip = PERCH_TEXT("Values", "%1 %2%3, %4 samples in %5, read %6 ago, from %7",
                                  {label, number, interval, formatCount(value.sampleSize), formatAge(value.window),
                                   formatAge(age), value.source});
    else
        cell.tooltip = PERCH_TEXT("Values", "%1 was %2%3, last seen %4 ago", {label, number, interval, formatAge(age)});
    return cell;
}

} // namespace perch::present
