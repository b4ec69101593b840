#pragma once

#include "core/data/read_table.h"

#include <filesystem>

namespace perch::data {

using CsvOptions = ReadOptions;

/// `readTable` for one path: a CSV file, or whatever `sourceOfPath` takes.
Result<Table> readCsv(const std::filesystem::path& file, const Clock& clock, const CsvOptions& options = {},
                      std::stop_token stop = {});

} // namespace perch::data
