#pragma once

#include <limits>
#include <span>
#include <string_view>

namespace perch::spec {

/// What the value of a key of perch.yaml is.
enum class KeyKind {
    Text,    ///< a scalar, read as the text it is
    Texts,   ///< a list of texts, or one
    Word,    ///< one of `words`
    Words,   ///< a list of them, or one
    Number,  ///< within [low, high]
    Integer, ///< within [low, high]
    Boolean,
    Duration,        ///< `90s`, `15m`, `1h`, `2d`
    Window,          ///< a duration, or calendar months or years: `3mo`, `1y`
    Secret,          ///< `env:NAME` or `file:PATH`
    Numbers,         ///< a list of numbers within [low, high]
    Range,           ///< two numbers, [low, high]
    Section,         ///< a mapping with the keys below this path
    Sections,        ///< a list of mappings, described by the path with `[]`
    Named,           ///< a mapping of names that the person chose, described by the path with `.*`
    NumberOrSection, ///< a number within [low, high], or a mapping
};

/// One key of perch.yaml for people and for editors. The parsers (*_spec.cpp) decide what is right; a test drives them
/// with every key of this table, and with a key that no table knows, so that neither says anything that the other does
/// not.
struct SpecKey {
    std::string_view path; ///< `training.rounds`, `sources.*.path`, `features.columns[].name`
    KeyKind kind = KeyKind::Text;
    std::string_view description = {};
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    std::string_view words = {};    ///< separated by spaces; of a section: the keys of which it has exactly one
    std::string_view fallback = {}; ///< the default as JSON; empty: none, or said in the description
    bool required = false;
};

/// All keys, a section before its keys.
std::span<const SpecKey> specKeys();

} // namespace perch::spec
