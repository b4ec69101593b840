#include "core/data/source/csv_file.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/table_text.h"

/// A CSV file with its header; the first byte chooses the delimiter.
PERCH_FUZZER(csv_file) {
    using namespace perch;
    const std::string_view choice = fuzz::takeBytes(bytes, 1);
    const char delimiter = choice.empty() ? ',' : ",;\t|"[static_cast<unsigned char>(choice[0]) % 4];
    // Cells are bytes until their column's type is known.
    fuzz::readToEnd(bytes, false, [&](std::unique_ptr<data::ByteStream> stream, data::FileContext context) {
        return data::openCsvFile(std::move(stream), std::move(context), delimiter, {});
    });
}
