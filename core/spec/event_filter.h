#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace perch::spec {

/// The condition of a feature's `where`: `COLUMN is missing`, `COLUMN is not missing`, `COLUMN = text`,
/// `COLUMN != text`, or `COLUMN > number` with >, >=, < and <=. A text or a column with spaces stands in double quotes.
/// A value, safe from any thread.
struct EventFilter {
    enum class Test { Missing, NotMissing, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
    std::string column;
    Test test = Test::NotMissing;
    std::string text = {};             ///< Equal, NotEqual
    std::optional<double> number = {}; ///< what `text` reads as; always there for the four orders

    /// InvalidInput with half a sentence (`must be ...`) that follows the name of the key.
    static Result<EventFilter> parse(std::string_view condition);
    /// Whether an event with this cell is kept. Nothing is a missing cell: only `is missing` keeps it. `value` is the
    /// cell as a number, if it is one.
    bool keeps(const std::optional<std::string_view>& cell, const std::optional<double>& value) const;
    /// Whether the four orders need the cell as a number.
    bool ordered() const { return test >= Test::Less; }
};

} // namespace perch::spec
