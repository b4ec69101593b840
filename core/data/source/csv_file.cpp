#include "core/data/source/csv_file.h"

#include "core/base/utf8.h"
#include "core/data/source/csv_splitter.h"
#include "core/data/source/text_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <set>

namespace perch::data {

namespace {

class CsvFile final : public FileReader {
public:
    CsvFile(std::unique_ptr<ByteStream> stream, FileContext context, char delimiter)
        : m_window(std::move(stream)), m_context(std::move(context)), m_splitter(delimiter) {}

    Result<void> readHeader(const std::stop_token& stop);
    const std::shared_ptr<arrow::Schema>& schema() const override { return m_schema; }
    const std::vector<std::string>& allColumns() const override { return m_names; }
    Result<std::shared_ptr<arrow::RecordBatch>> next(const std::stop_token& stop) override;
    Digest finish() override { return m_window.stream().finish(); }
    std::uint64_t bytesRead() const override { return m_window.stream().bytesRead(); }
    double share() const override { return m_window.share(); }

private:
    Result<void> fill(const std::stop_token& stop);
    Result<void> checkHeader() const;
    void chooseColumns();
    void put(ColumnTexts& texts, std::string_view cell, std::size_t row) const;
    RowEnd splitInto(std::size_t row, std::size_t& cells);
    Result<bool> nextRow(std::size_t row, const std::stop_token& stop);
    Result<void> skipRow(std::size_t cells);
    void skipEmptyLines();

    TextWindow m_window;
    FileContext m_context;
    CsvSplitter m_splitter;
    std::uint64_t m_records = 0; ///< rows below the header, skipped ones too

    std::vector<std::string> m_names;
    std::shared_ptr<arrow::Schema> m_schema;
    std::vector<int> m_target; ///< column of the batch for each column of the file, -1: left out
    std::vector<ColumnTexts> m_texts;
};

Result<void> CsvFile::fill(const std::stop_token& stop) {
    if (TRY(m_window.fill(stop)))
        return {};
    return fail(ErrorCode::InvalidInput,
                "{} cannot be read as CSV: row {} is longer than 1 MiB, or a quote in it is never closed.",
                m_context.name, m_schema ? m_records + 2 : 1);
}

void CsvFile::skipEmptyLines() {
    while (m_window.at != m_window.end && (*m_window.at == '\n' || *m_window.at == '\r'))
        ++m_window.at;
}

Result<void> CsvFile::readHeader(const std::stop_token& stop) {
    TRY(fill(stop));
    if (m_window.at == m_window.end)
        return fail(ErrorCode::InvalidInput, "{} is empty.", m_context.name);
    if (m_window.text().starts_with("\xFF\xFE") || m_window.text().starts_with("\xFE\xFF"))
        return fail(ErrorCode::InvalidInput, "{} is UTF-16, not UTF-8: save it as UTF-8.", m_context.name);
    m_window.skipByteOrderMark();
    for (;;) {
        skipEmptyLines();
        if (m_window.at == m_window.end && m_window.last)
            return fail(ErrorCode::InvalidInput, "{} holds empty lines only.", m_context.name);
        m_names.clear();
        bool tooMany = false;
        const RowEnd ended = m_splitter.splitRow(m_window.at, m_window.end, m_window.last, [&](std::string_view cell) {
            if (m_names.size() < kMostColumns)
                m_names.emplace_back(cell);
            else
                tooMany = true;
        });
        if (tooMany)
            return fail(ErrorCode::InvalidInput, "{} has more than {} columns.", m_context.name, kMostColumns);
        if (ended == RowEnd::Complete)
            break;
        if (ended == RowEnd::OpenQuote)
            return fail(ErrorCode::InvalidInput, "{}: a quote in the header is never closed.", m_context.name);
        TRY(fill(stop));
    }
    TRY(checkHeader());
    chooseColumns();
    return {};
}

Result<void> CsvFile::checkHeader() const {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        const std::string& name = m_names[i];
        if (name.find_first_not_of(" \t") == std::string::npos)
            return fail(ErrorCode::InvalidInput, "{}: column {} has no name in the header.", m_context.name, i + 1);
        if (!isUtf8(name))
            return fail(ErrorCode::InvalidInput, "{}: the name of column {} holds bytes that are not UTF-8.",
                        m_context.name, i + 1);
        if (!seen.insert(name).second)
            return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" is there twice.", m_context.name,
                        shownText(name));
    }
    return {};
}

void CsvFile::chooseColumns() {
    arrow::FieldVector fields;
    for (const std::string& name : m_names) {
        const bool kept = m_context.columns.empty() || std::ranges::find(m_context.columns, name) != m_context.columns.end();
        m_target.push_back(kept ? static_cast<int>(fields.size()) : -1);
        if (kept)
            fields.push_back(arrow::field(name, arrow::binary()));
    }
    m_schema = arrow::schema(std::move(fields));
    m_texts.resize(static_cast<std::size_t>(m_schema->num_fields()));
}

void CsvFile::put(ColumnTexts& texts, std::string_view cell, std::size_t row) const {
    // A cell with doubled quotes was put together elsewhere.
    const bool inWindow = cell.data() >= m_window.at && cell.data() <= m_window.end;
    texts.put(cell, inWindow ? static_cast<std::size_t>(m_window.end - cell.data()) : 0);
    texts.endRow(row);
}

/// Splits the row at `m_window.at` into row `row` of the batch.
RowEnd CsvFile::splitInto(std::size_t row, std::size_t& cells) {
    const std::size_t columns = m_target.size();
    return m_splitter.splitRow(m_window.at, m_window.end, m_window.last, [&](std::string_view cell) {
        if (cells < columns) {
            if (const int target = m_target[cells]; target >= 0)
                put(m_texts[static_cast<std::size_t>(target)], cell, row);
        }
        ++cells;
    });
}

Result<void> CsvFile::skipRow(std::size_t cells) {
    m_context.skipped->push_back(m_records);
    return countMalformedRow(*m_context.counts, m_context.badRows,
                             fail(ErrorCode::InvalidInput,
                                  "{}: row {} has {} cells where the header has {} (the header is row 1).",
                                  m_context.name, m_records + 1, cells, m_names.size()));
}

/// Puts the next good row into the batch; false at the end.
Result<bool> CsvFile::nextRow(std::size_t row, const std::stop_token& stop) {
    for (;;) {
        skipEmptyLines();
        if (m_window.at == m_window.end && m_window.last)
            return false;
        std::size_t cells = 0;
        const RowEnd ended = m_window.at == m_window.end ? RowEnd::Incomplete : splitInto(row, cells);
        if (ended == RowEnd::Complete && cells == m_target.size()) {
            ++m_records;
            return true;
        }
        for (ColumnTexts& texts : m_texts)
            texts.rollBack(row);
        if (ended == RowEnd::Complete) {
            ++m_records;
            TRY(skipRow(cells));
            continue;
        }
        if (ended == RowEnd::OpenQuote)
            return fail(ErrorCode::InvalidInput, "{}: a quote in row {} is never closed (the header is row 1).",
                        m_context.name, m_records + 2);
        TRY(fill(stop));
    }
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvFile::next(const std::stop_token& stop) {
    const std::size_t most = std::clamp<std::size_t>(kMostCellsAtOnce / std::max<std::size_t>(m_texts.size(), 1), 16,
                                                     kMostRowsAtOnce);
    for (ColumnTexts& texts : m_texts)
        texts.begin(most);
    std::size_t rows = 0;
    for (std::size_t bytes = 0; rows < most && bytes < kBatchBytes;) {
        const char* before = m_window.at;
        if (!TRY(nextRow(rows, stop)))
            break;
        ++rows;
        // A refilled buffer starts anew; what was moved is at most one row.
        bytes += m_window.at > before ? static_cast<std::size_t>(m_window.at - before) : 0;
    }
    if (rows == 0)
        return std::shared_ptr<arrow::RecordBatch>();
    arrow::ArrayVector arrays;
    for (ColumnTexts& texts : m_texts)
        arrays.push_back(texts.finish(rows, false));
    return arrow::RecordBatch::Make(m_schema, static_cast<std::int64_t>(rows), std::move(arrays));
}

} // namespace

Result<std::unique_ptr<FileReader>> openCsvFile(std::unique_ptr<ByteStream> stream, FileContext context,
                                                char delimiter, const std::stop_token& stop) {
    auto file = std::make_unique<CsvFile>(std::move(stream), std::move(context), delimiter);
    TRY(file->readHeader(stop));
    return std::unique_ptr<FileReader>(std::move(file));
}

} // namespace perch::data
