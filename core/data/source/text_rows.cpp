#include "core/data/source/text_rows.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <new>

namespace perch::data {

namespace {

std::shared_ptr<arrow::ResizableBuffer> newTextBuffer(std::size_t bytes) {
    auto buffer = arrow::AllocateResizableBuffer(static_cast<std::int64_t>(bytes));
    if (!buffer.ok())
        throw std::bad_alloc();
    return *std::move(buffer);
}

void resizeTextBuffer(arrow::ResizableBuffer& buffer, std::size_t bytes) {
    if (!buffer.Resize(static_cast<std::int64_t>(bytes), false).ok())
        throw std::bad_alloc();
}

} // namespace

void ColumnTexts::begin(std::size_t rows) {
    m_offsetBuffer = newTextBuffer((rows + 1) * sizeof(std::int32_t));
    m_offsets = reinterpret_cast<std::int32_t*>(m_offsetBuffer->mutable_data());
    m_offsets[0] = 0;
    m_byteBuffer = newTextBuffer(m_guess);
    m_bytes = reinterpret_cast<char*>(m_byteBuffer->mutable_data());
    m_capacity = m_guess;
    m_used = 0;
}

void ColumnTexts::grow(std::size_t bytes) {
    resizeTextBuffer(*m_byteBuffer, bytes);
    m_bytes = reinterpret_cast<char*>(m_byteBuffer->mutable_data());
    m_capacity = bytes;
}

std::shared_ptr<arrow::Array> ColumnTexts::finish(std::size_t rows, bool utf8) {
    m_guess = m_used + m_used / 4 + kChunk;
    resizeTextBuffer(*m_offsetBuffer, (rows + 1) * sizeof(std::int32_t));
    resizeTextBuffer(*m_byteBuffer, m_used);
    const auto length = static_cast<std::int64_t>(rows);
    if (utf8)
        return std::make_shared<arrow::StringArray>(length, std::move(m_offsetBuffer), std::move(m_byteBuffer));
    return std::make_shared<arrow::BinaryArray>(length, std::move(m_offsetBuffer), std::move(m_byteBuffer));
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
