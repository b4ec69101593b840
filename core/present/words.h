#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/state.h"

#include <string>

/// Small words and numbers that several screens share.
namespace perch::present {

std::string dayTime(SystemTime time);    ///< `12 May 14:32`, UTC
std::string clockTime(SystemTime time);  ///< `14:32:08`
std::string hourMinute(SystemTime time); ///< `14:32`
std::string dayOnly(SystemTime time);    ///< `12 May`

/// `v7`, empty without a version.
std::string versionText(const std::optional<Version>& version);

std::string percentText(Percent weight); ///< `10 %`
std::string weightShare(double share);   ///< 0.0991 -> `9.9 %`, 0.9 -> `90 %`
std::string rateText(double perSecond);  ///< `42.0`, `3,812`

/// The age of a value now: its age in the snapshot plus the time since.
Seconds ageNow(const telemetry::LiveValue& value, const fleet::Snapshot& snapshot, SystemTime now);
Seconds sinceTaken(const fleet::Snapshot& snapshot, SystemTime now);

/// Data that may be absent: an empty Text and not an empty word.
Text maybeText(const std::string& text);

Text noneText(); ///< `none`

/// How a quantity is written.
enum class Unit { Percent1, Percent2, Decimal2, Decimal3, Milliseconds, Points1, Points2 };
std::string quantityText(double value, Unit unit);

/// A live value as a cell: its number, or `none`; muted when it is stale or its source is down. The tooltip says
/// value, interval, sample, window, age and source.
Cell quantityCell(const Text& name, const telemetry::LiveValue& value, Unit unit, Seconds age);

/// A value without a number is never drawn as one.
bool hasNumber(const telemetry::LiveValue& value);
/// The number is from now, not from before its source went away.
bool isCurrent(const telemetry::LiveValue& value);

} // namespace perch::present
