#pragma once

#include "core/base/text.h"
#include "core/telemetry/live_value.h"

#include <string_view>

/// Screens and actions as plain values: what is said, how it is worded, how severe it is, which action is on and why
/// another is off. Decided here, printed by the CLI and drawn by the widgets; nothing below this room holds a rule.
namespace perch::present {

/// The eight states that a thing can be in; each has one shape, one word and one color (design language, section 2).
/// NoData and SourceDown are never Pass.
enum class State { Pass, Fail, Warning, Waiting, Paused, Undecided, NoData, SourceDown };
std::string_view toString(State state); ///< `pass`, `no_data`...

/// Which of two states a person must see first: lower is worse.
int severity(State state);

/// A state with its word, as drawn in a chip or beside a glyph.
struct Chip {
    State state = State::NoData;
    Text word;
};

/// Which color names a thing. Version tones never carry a verdict, verdict colors never name a version.
enum class Tone { Plain, Secondary, Muted, Stable, Canary, Shadow, Pass, Warning, Fail, Accent };
std::string_view toString(Tone tone);

/// One value of a screen: its text (never empty: `none` where there is none), how to color it and the full story.
struct Cell {
    Text text;
    Tone tone = Tone::Plain;
    State state = State::Pass;
    Text tooltip = {}; ///< value, limit, sample, window, age and source; also the accessible name
};

/// The state of a live value alone: Pass (Ok), Warning (Stale), NoData or SourceDown.
State stateOf(const telemetry::LiveValue& value);

} // namespace perch::present
