#pragma once

#include "core/data/build/cell_parser.h"
#include "core/spec/build_spec.h"

#include <optional>
#include <string_view>

namespace perch::data {

/// A cell read as its column's declared type. `number` of a boolean is 0 or 1, of a timestamp seconds since the epoch.
struct TypedCell {
    enum class Fit { Value, Missing, Bad } fit = Fit::Missing;
    double number = 0;
    Micros time = 0; ///< Timestamp only
};

/// Nothing, spaces and `NaN` (for numbers) are missing. A text of Category always fits. Pure.
TypedCell readCell(spec::ColumnType type, const std::optional<std::string_view>& text);

/// What is expected, for messages: `an amount of money`.
std::string_view expectedOf(spec::ColumnType type);

} // namespace perch::data
