#pragma once

#include "core/base/ids.h"
#include "core/data/source/source_counts.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace arrow {
class RecordBatch;
class Schema;
} // namespace arrow

namespace perch::data {

/// What the reader of one file shares with the source it belongs to.
struct FileContext {
    std::string name; ///< for messages
    BadRows badRows = BadRows::Stop;
    SourceCounts* counts = nullptr;
    /// Records that were not delivered, counted from 1 and ascending: what turns a delivered row into its place.
    std::vector<std::uint64_t>* skipped = nullptr;
    ContentDigest digest = ContentDigest::Compute;
    std::vector<std::string> columns = {}; ///< if not empty, the ones to keep that this file has
};

/// Rows of one file, batch after batch.
class FileReader {
public:
    virtual ~FileReader() = default;
    virtual const std::shared_ptr<arrow::Schema>& schema() const = 0; ///< of the batches: the kept columns
    virtual const std::vector<std::string>& allColumns() const = 0;   ///< of the file
    virtual Result<std::shared_ptr<arrow::RecordBatch>> next(const std::stop_token& stop) = 0; ///< null at the end
    virtual Digest finish() = 0;                                      ///< of the stored bytes; once, at the end
    virtual std::uint64_t bytesRead() const = 0;
    virtual double share() const = 0; ///< of the file that has been delivered; 0 if unknown
};

} // namespace perch::data
