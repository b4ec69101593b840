#include "core/data/build/select_rows.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/record_batch.h>

namespace perch::data {

namespace {

template <typename Builder, typename Values, typename Select>
Result<std::shared_ptr<arrow::RecordBatch>> select(const Values& values, const Select& apply) {
    Builder builder;
    std::shared_ptr<arrow::Array> array;
    arrow::Status status = builder.AppendValues(values);
    if (status.ok())
        status = builder.Finish(&array);
    arrow::Result<arrow::Datum> selected = status.ok() ? apply(array) : arrow::Result<arrow::Datum>(status);
    if (!selected.ok())
        return fail(ErrorCode::Unavailable, "Rows cannot be selected: {}.", selected.status().message());
    return selected->record_batch();
}

} // namespace

Result<std::shared_ptr<arrow::RecordBatch>> keepRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<bool>& kept) {
    return select<arrow::BooleanBuilder>(
        kept, [&](const std::shared_ptr<arrow::Array>& mask) { return arrow::compute::Filter(batch, mask); });
}

Result<std::shared_ptr<arrow::RecordBatch>> takeRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<std::int64_t>& rows) {
    return select<arrow::Int64Builder>(
        rows, [&](const std::shared_ptr<arrow::Array>& numbers) { return arrow::compute::Take(batch, numbers); });
}

} // namespace perch::data
