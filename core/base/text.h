#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace perch {

/// A sentence of a screen as a value: the CLI formats the source, the widgets translate it first.
/// Placeholders are %1 to %9, as in QString::arg. Make one with PERCH_TEXT so that lupdate finds it.
struct Text {
    const char* context = "";
    const char* source = "";
    std::vector<std::string> arguments = {};

    /// The source language (English) with its arguments in place.
    std::string english() const;
    bool empty() const { return *source == '\0'; }
    bool operator==(const Text& other) const { return english() == other.english(); }
};

/// Puts `arguments` into the placeholders of `pattern`.
std::string formatText(std::string_view pattern, const std::vector<std::string>& arguments);

/// A text that is data (a name, a number) and is never translated.
Text verbatim(std::string text);

} // namespace perch

/// PERCH_TEXT("Fleet", "Promote to %1 %", {weight}). lupdate is told `-tr-function-alias translate+=PERCH_TEXT`.
#define PERCH_TEXT(context, source, ...)                                                                               \
    ::perch::Text { context, source __VA_OPT__(, ) __VA_ARGS__ }
