#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::spec {

class YamlSection;

/// What a column is declared to hold.
enum class ColumnType { Number, Money, Timestamp, Boolean, Category };

/// What becomes of a cell that does not fit its column's type.
enum class BadCells { Stop, SetMissing, RejectRow };

/// One row per key: the newest stays.
struct DeduplicateSpec {
    std::vector<std::string> by; ///< empty: off
    bool ignoreCase = false;
    std::string newest = {}; ///< a timestamp column; empty: the last row wins
};

/// A span of calendar months or of seconds, looked back from the row's date; neither: all of the past.
struct WindowSpec {
    std::uint32_t months = 0;
    Seconds seconds{0};
};

/// One feature: an aggregate of the events of a table that happened before the row's date.
struct FeatureSpec {
    enum class Aggregate { Count, Any, Sum, Mean, Minimum, Maximum, Distinct, DaysSinceFirst, DaysSinceLast };
    std::string name;
    std::string from;      ///< the source of the events
    std::string key;       ///< the events' column that holds the entity
    std::string entity;    ///< the table's column it equals; default: `key`
    std::string time;      ///< the events' timestamp column
    std::string value;     ///< for Sum, Mean, Minimum, Maximum, Distinct
    Aggregate aggregate = Aggregate::Count;
    WindowSpec window;
    std::string where;     ///< `COLUMN is missing`, `COLUMN is not missing`, `COLUMN = text`, `COLUMN > number` ...
};

/// The sections `types`, `bad_cells`, `deduplicate`, `table` and `features`.
struct BuildSpec {
    std::string table; ///< the source of the entities; empty: the only source
    std::map<std::string, ColumnType> types;
    BadCells badCells = BadCells::Stop;
    DeduplicateSpec deduplicate;
    std::string asOf; ///< a timestamp column of the table, or a date; empty: no features
    std::vector<FeatureSpec> features;
};

Result<void> readBuild(const YamlSection& top, BuildSpec& build);

} // namespace perch::spec
