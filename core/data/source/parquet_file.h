#pragma once

#include "core/data/source/file_reader.h"
#include "core/data/source/file_store.h"

namespace perch::data {

/// Opens a Parquet file. Columns keep their types, but dictionaries are decoded and large texts become texts; lists,
/// maps and structures are InvalidInput if they are asked for. The file is digested once from front to back, unless that
/// is skipped, then read; Conflict if it changes in between.
Result<std::unique_ptr<FileReader>> openParquetFile(FileStore& store, const StoredFile& file, FileContext context,
                                                    const std::stop_token& stop);

} // namespace perch::data
