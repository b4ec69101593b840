#pragma once

#include "core/base/clock.h"
#include "core/data/table.h"

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>

namespace perch::data {

struct CsvOptions {
    /// Types of columns that must not be inferred: the label (as texts), or all fields of a model when scoring.
    std::map<std::string, FieldType> declared = {};
    /// If not empty, only these columns are kept; each must be there.
    std::vector<std::string> columns = {};
    /// Columns that are left out.
    std::vector<std::string> ignored = {};
    /// Bound on the different texts of one column.
    std::size_t maximumCategories = 10'000;
};

/// Reads a CSV file with a header (comma, double quotes, UTF-8 with or without BOM), streamed in blocks; only the typed
/// columns are kept in memory. The fingerprint's content is the digest of exactly the bytes that were read.
/// InvalidInput, naming file and row or column: empty, no rows, ragged rows, a column named twice or not at all, bytes
/// that are not UTF-8, a cell that does not fit a declared type, too many categories. Also NotFound, Denied, Cancelled.
Result<Table> readCsv(const std::filesystem::path& file, const Clock& clock, const CsvOptions& options = {},
                      std::stop_token stop = {});

} // namespace perch::data
