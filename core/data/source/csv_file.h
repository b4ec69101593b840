#pragma once

#include "core/data/source/file_reader.h"
#include "core/data/source/text_window.h"

namespace perch::data {

/// More columns than this is an error, not a cut.
constexpr std::size_t kMostColumns = 16'384;

/// Opens a CSV text with a header; `delimiter` separates the cells. The columns are binary: bytes as they stand, not
/// checked to be UTF-8; the names are. InvalidInput: empty, a name missing, given twice or not UTF-8, more than
/// `kMostColumns` columns, a row longer than `kLongestRow`, a quote that is never closed.
Result<std::unique_ptr<FileReader>> openCsvFile(std::unique_ptr<ByteStream> stream, FileContext context,
                                                char delimiter, const std::stop_token& stop);

} // namespace perch::data
