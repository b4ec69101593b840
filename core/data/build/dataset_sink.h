#pragma once

#include "core/data/build/build_report.h"

#include <filesystem>
#include <memory>
#include <span>

namespace perch::data {

/// The date of a row that has none.
inline constexpr Micros kNoDate = std::numeric_limits<Micros>::min();

/// Takes the rows of a build in and makes them visible all at once, or not at all: dropped before `commit` succeeded,
/// it leaves nothing behind and what was there before is untouched. One thread at a time.
class DatasetSink {
public:
    virtual ~DatasetSink() = default;
    /// A folder for what is only needed during the build; it goes with the sink.
    virtual std::filesystem::path scratch() const = 0;
    /// Batches all have the same columns. `dates`: the as-of moment of each row or kNoDate; empty if rows have none.
    virtual Result<void> write(const std::shared_ptr<arrow::RecordBatch>& rows, std::span<const Micros> dates) = 0;
    /// Completes `report` (place, parts) and publishes.
    virtual Result<void> commit(BuildReport& report) = 0;
};

} // namespace perch::data
