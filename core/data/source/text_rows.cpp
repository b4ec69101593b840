#include "core/data/source/text_rows.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

namespace perch::data {

std::shared_ptr<arrow::Array> ColumnTexts::finish(std::size_t rows, bool utf8) {
    m_guess = m_used + m_used / 4 + kChunk;
    m_offsets.resize(rows + 1);
    m_bytes.resize(m_used);
    auto offsets = arrow::Buffer::FromVector(std::move(m_offsets));
    auto bytes = arrow::Buffer::FromString(std::move(m_bytes));
    m_offsets = {};
    m_bytes = {};
    if (utf8)
        return std::make_shared<arrow::StringArray>(static_cast<std::int64_t>(rows), std::move(offsets),
                                                    std::move(bytes));
    return std::make_shared<arrow::BinaryArray>(static_cast<std::int64_t>(rows), std::move(offsets), std::move(bytes));
}

TextRows::TextRows(const std::vector<std::string>& names)
    : m_columns(names.size()),
      m_most(std::clamp<std::size_t>(kMostCellsAtOnce / std::max<std::size_t>(names.size(), 1), 16, kMostRowsAtOnce)) {
    arrow::FieldVector fields;
    for (const std::string& name : names)
        fields.push_back(arrow::field(name, arrow::utf8()));
    m_schema = arrow::schema(std::move(fields));
    for (ColumnTexts& column : m_columns)
        column.begin(m_most);
}

bool TextRows::put(std::size_t column, std::string_view text) {
    if (m_columns[column].begun(m_rows))
        return false;
    m_columns[column].put(text, 0);
    m_bytes += text.size();
    return true;
}

void TextRows::endRow() {
    for (ColumnTexts& column : m_columns)
        column.endRow(m_rows);
    ++m_rows;
}

void TextRows::dropRow() {
    for (ColumnTexts& column : m_columns)
        column.rollBack(m_rows);
}

std::shared_ptr<arrow::RecordBatch> TextRows::finish() {
    if (m_rows == 0)
        return nullptr;
    arrow::ArrayVector arrays;
    for (ColumnTexts& column : m_columns) {
        arrays.push_back(column.finish(m_rows, true));
        column.begin(m_most);
    }
    auto batch = arrow::RecordBatch::Make(m_schema, static_cast<std::int64_t>(m_rows), std::move(arrays));
    m_rows = m_bytes = 0;
    return batch;
}

} // namespace perch::data
