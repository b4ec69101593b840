#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

/// Shaped rows on disk between the two passes of a build: the first must have seen the last row (which row of a key
/// stays, what an undeclared column is) before the second can write the first one. Holds one batch in memory.
class StagedRows {
public:
    /// The file is made when the first batch comes.
    explicit StagedRows(std::filesystem::path file);
    ~StagedRows();

    /// All batches have the same columns. Unavailable if the disk is full.
    Result<void> write(const arrow::RecordBatch& batch);
    Result<void> finish();
    /// Calls `take` with every batch, in order.
    Result<void> read(const std::function<Result<void>(const std::shared_ptr<arrow::RecordBatch>&)>& take) const;
    Result<void> remove() const;

private:
    struct Writer;
    std::filesystem::path m_file;
    std::unique_ptr<Writer> m_writer;
};

} // namespace perch::data
