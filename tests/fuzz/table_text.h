#pragma once

#include "core/data/source/byte_stream.h"
#include "core/data/source/file_reader.h"

#include <functional>
#include <memory>
#include <string_view>

namespace perch::fuzz {

/// The bytes as the stream of a stored file.
Result<std::unique_ptr<data::ByteStream>> streamOf(std::string_view bytes);

/// Reads a file to its end under BadRows::Skip and checks what every reader promises: batches are whole and valid, rows
/// and malformed rows are bounded by the input, and so are the places that are kept.
void readToEnd(std::string_view bytes, bool validText,
               const std::function<Result<std::unique_ptr<data::FileReader>>(std::unique_ptr<data::ByteStream>,
                                                                             data::FileContext)>& open);

} // namespace perch::fuzz
