#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class Array;
class RecordBatch;
class ResizableBuffer;
class Schema;
} // namespace arrow

namespace perch::data {

/// A batch holds at most so many rows and cells, and about so many bytes.
constexpr std::size_t kMostRowsAtOnce = 16'384;
constexpr std::size_t kMostCellsAtOnce = std::size_t{1} << 18;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

/// The texts of one column while a batch is filled. They lie in Arrow's memory, which one thread may take and another
/// give back without the kernel seeing much of it.
class ColumnTexts {
public:
    void begin(std::size_t rows);
    /// Appends to the cell of the current row. So many bytes behind the text's begin may be read.
    void put(std::string_view text, std::size_t readable) {
        if (m_used + text.size() + kChunk > m_capacity)
            grow((m_used + text.size() + kChunk) * 2);
        // Most cells are short: a copy of fixed length needs no call.
        if (text.size() <= kChunk && readable >= kChunk)
            std::memcpy(m_bytes + m_used, text.data(), kChunk);
        else if (!text.empty())
            std::memcpy(m_bytes + m_used, text.data(), text.size());
        m_used += text.size();
    }
    void endRow(std::size_t row) { m_offsets[row + 1] = static_cast<std::int32_t>(m_used); }
    bool begun(std::size_t row) const { return m_used != static_cast<std::size_t>(m_offsets[row]); }
    void rollBack(std::size_t row) { m_used = static_cast<std::size_t>(m_offsets[row]); }
    std::shared_ptr<arrow::Array> finish(std::size_t rows, bool utf8);

private:
    static constexpr std::size_t kChunk = 16;
    void grow(std::size_t bytes);

    std::shared_ptr<arrow::ResizableBuffer> m_offsetBuffer, m_byteBuffer;
    std::int32_t* m_offsets = nullptr;
    char* m_bytes = nullptr;
    std::size_t m_capacity = 0;
    std::size_t m_used = 0;
    std::size_t m_guess = 4096; ///< bytes that the next batch may need
};

/// Rows of texts that become one batch of utf8 columns; a cell that is not put is empty.
class TextRows {
public:
    explicit TextRows(const std::vector<std::string>& names);

    const std::shared_ptr<arrow::Schema>& schema() const { return m_schema; }
    bool full() const { return m_rows >= m_most || m_bytes >= kBatchBytes; }
    std::size_t rows() const { return m_rows; }
    /// False if the cell has a text already; then it is kept.
    bool put(std::size_t column, std::string_view text);
    void endRow();
    void dropRow(); ///< forgets what was put since the last `endRow`
    /// The batch, null if it has no rows; the next one begins.
    std::shared_ptr<arrow::RecordBatch> finish();

private:
    std::shared_ptr<arrow::Schema> m_schema;
    std::vector<ColumnTexts> m_columns;
    std::size_t m_most;
    std::size_t m_rows = 0;
    std::size_t m_bytes = 0;
};

} // namespace perch::data
