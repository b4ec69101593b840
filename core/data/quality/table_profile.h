#pragma once

#include "core/data/table.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace perch::data {

/// A column of numbers in figures. Quantiles are interpolated linearly, as NumPy and pandas do by default; the standard
/// deviation is the sample's (n - 1), as in pandas.
struct NumberSummary {
    double mean = 0;
    std::optional<double> deviation; ///< nothing for one value
    double minimum = 0, p01 = 0, p05 = 0, p25 = 0, median = 0, p75 = 0, p95 = 0, p99 = 0, maximum = 0;
    bool whole = false; ///< all are whole numbers
};

/// What a column holds.
struct ColumnSummary {
    std::string name;
    FieldType type = FieldType::Number;
    std::uint64_t missing = 0;
    std::uint64_t distinct = 0;                                  ///< different values that are there
    std::optional<NumberSummary> numbers = {};                   ///< Number with values only
    std::vector<std::pair<std::string, std::uint64_t>> top = {}; ///< Boolean, Category: the 10 most frequent
};

/// What a table holds, column by column. A value.
struct TableProfile {
    std::string source;
    std::uint64_t rows = 0;
    std::vector<ColumnSummary> columns; ///< in the order of the table

    nlohmann::json toJson() const;
};

/// Exact, over all rows; sorts a copy of one column of numbers at a time.
TableProfile profileTable(const Table& table);

} // namespace perch::data
