#pragma once

#include "core/data/source/file_reader.h"
#include "core/data/source/text_window.h"

namespace perch::data {

/// Opens a file with one JSON object per line. The columns are the fields of the records in its first half megabyte, in
/// order of appearance; fields of inner objects are named `outer.inner`. A field that only appears later makes its
/// line malformed: dropping it in silence would lose data. Lines are at most `kLongestRow` long.
Result<std::unique_ptr<FileReader>> openJsonLinesFile(std::unique_ptr<ByteStream> stream, FileContext context,
                                                      const std::stop_token& stop);

} // namespace perch::data
