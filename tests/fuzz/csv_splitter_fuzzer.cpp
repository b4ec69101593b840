#include "core/data/source/csv_splitter.h"
#include "tests/fuzz/fuzzer.h"

namespace {

using namespace perch;

constexpr std::string_view kRowMark = "\x1E";

/// The cells of a text of which at first only `cut` bytes are there.
std::vector<std::string> cellsOf(std::string_view text, char delimiter, std::size_t cut) {
    std::vector<std::string> cells;
    data::CsvSplitter splitter(delimiter);
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (bool last = cut >= text.size(); at != end;) {
        const char* stop = last ? end : text.data() + cut;
        std::vector<std::string> row;
        const data::RowEnd ended =
            at >= stop ? data::RowEnd::Incomplete
                       : splitter.splitRow(at, stop, last, [&](std::string_view cell) { row.emplace_back(cell); });
        if (ended == data::RowEnd::OpenQuote)
            return cells;
        if (ended == data::RowEnd::Incomplete) {
            fuzz::require(!last, "a row ends where the text ends");
            last = true;
            continue;
        }
        fuzz::require(!row.empty(), "a row has a cell");
        cells.insert(cells.end(), row.begin(), row.end());
        cells.emplace_back(kRowMark);
    }
    return cells;
}

} // namespace

/// The first byte chooses the delimiter, the second where the text is cut. Cutting changes nothing, and a table that is
/// written with quotes reads back as it was.
PERCH_FUZZER(csv_splitter) {
    if (bytes.size() < 2)
        return;
    const char delimiter = ",;\t|"[static_cast<unsigned char>(bytes[0]) % 4];
    const auto where = static_cast<unsigned char>(bytes[1]);
    bytes.remove_prefix(2);
    const std::vector<std::string> cells = cellsOf(bytes, delimiter, bytes.size());
    fuzz::require(cells == cellsOf(bytes, delimiter, bytes.size() * where / 255), "a cut changes no cell");

    std::string quoted;
    for (const std::string& cell : cells) {
        if (cell == kRowMark) {
            quoted.back() = '\n';
            continue;
        }
        quoted += '"';
        for (const char c : cell)
            quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        quoted += std::string("\"") + delimiter;
    }
    fuzz::require(cells == cellsOf(quoted, delimiter, quoted.size()), "what was quoted reads back");
}
