#pragma once

#include "core/data/column_allocator.h"
#include "core/data/fingerprint.h"
#include "core/data/row/row_transform.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

using Numbers = std::vector<double, ColumnAllocator<double>>;
using Codes = std::vector<std::int32_t, ColumnAllocator<std::int32_t>>;

/// One column. Number and Boolean: `numbers`, NaN is missing. Category: `codes` into `categories`, -1 is missing;
/// the categories are those of the whole table in the order of their bytes.
struct Column {
    std::string name;
    FieldType type = FieldType::Number;
    Numbers numbers = {};
    Codes codes = {};
    std::vector<std::string> categories = {};
    std::uint64_t missing = 0;
    bool whole = false; ///< Number: none is missing, and each was stored or written as a whole number: 3, not 3.0

    std::size_t size() const { return type == FieldType::Category ? codes.size() : numbers.size(); }
    Cell cell(std::size_t row) const;
    /// The numbers without missing and infinite ones, in the order of the rows.
    std::vector<double> finiteNumbers() const;
    /// Said after a pass over a column: what of it lies in a file leaves the memory of the process.
    void release() const;
};

/// A table in memory, by columns. A value; immutable once it is read.
struct Table {
    std::vector<Column> columns;
    std::size_t rows = 0;
    Fingerprint fingerprint;

    std::optional<std::size_t> find(std::string_view name) const;
    /// The column, or InvalidInput that names the file and the names nearest to it.
    Result<const Column*> column(std::string_view name) const;
    void release() const; ///< all columns
};

/// The at most three of `names` that a person may have meant, nearest first.
std::vector<std::string> nearNames(std::string_view name, const std::vector<std::string>& names);

} // namespace perch::data
