#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

/// The rows of a batch whose mark is true, in order; one mark for each row.
Result<std::shared_ptr<arrow::RecordBatch>> keepRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<bool>& kept);
/// The rows of these numbers, in their order.
Result<std::shared_ptr<arrow::RecordBatch>> takeRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<std::int64_t>& rows);

} // namespace perch::data
