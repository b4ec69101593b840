#include "core/data/build/text_cells.h"

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <arrow/compute/initialize.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <mutex>

namespace perch::data {

Result<void> prepareArrow() {
    static std::once_flag once;
    static arrow::Status status; // written once, under the flag
    std::call_once(once, [] { status = arrow::compute::Initialize(); });
    if (!status.ok())
        return fail(ErrorCode::Internal, "Arrow cannot be initialized: {}.", status.message());
    return {};
}

Result<TextCells> TextCells::of(const arrow::RecordBatch& batch, int column) {
    TextCells cells;
    cells.m_array = batch.column(column);
    if (cells.m_array->type_id() != arrow::Type::BINARY && cells.m_array->type_id() != arrow::Type::STRING) {
        auto cast = arrow::compute::Cast(*cells.m_array, arrow::utf8());
        if (!cast.ok())
            return fail(ErrorCode::InvalidInput, "The column \"{}\" is of the type {}, which has no text form.",
                        batch.schema()->field(column)->name(), cells.m_array->type()->ToString());
        cells.m_array = *cast;
    }
    const auto& texts = static_cast<const arrow::BinaryArray&>(*cells.m_array);
    cells.m_size = texts.length();
    cells.m_offsets = texts.raw_value_offsets(); // from this array's first cell on
    cells.m_bytes = texts.value_data() == nullptr ? nullptr : reinterpret_cast<const char*>(texts.value_data()->data());
    cells.m_validity = texts.null_count() > 0 ? texts.null_bitmap_data() : nullptr;
    cells.m_bit = texts.offset();
    return cells;
}

} // namespace perch::data
