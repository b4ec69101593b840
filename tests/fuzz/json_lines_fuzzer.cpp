#include "core/data/source/json_lines_file.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/table_text.h"

/// A file of JSON Lines.
PERCH_FUZZER(json_lines) {
    using namespace perch;
    fuzz::readToEnd(bytes, true, [](std::unique_ptr<data::ByteStream> stream, data::FileContext context) {
        return data::openJsonLinesFile(std::move(stream), std::move(context), {});
    });
}
