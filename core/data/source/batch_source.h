#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/data/source/source_counts.h"
#include "core/http/client.h"
#include "core/spec/source_spec.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

/// A part of a source: at most some thousand rows. Texts are columns of type binary (CSV: bytes that may not be UTF-8)
/// or utf8; null and empty mean missing. Parquet's columns keep their types. `firstRow` counts from 1 over the source.
struct SourceBatch {
    std::shared_ptr<arrow::RecordBatch> rows;
    std::uint64_t firstRow = 1;
};

/// What a source needs from its caller. `clock` must outlive the source; so must `http`, if there is one.
struct SourceContext {
    const Clock* clock = nullptr;
    http::Client* http = nullptr; ///< for REST; nothing: an own one with a bound on the page
    BadRows badRows = BadRows::Stop;
    std::vector<std::string> columns = {}; ///< if not empty, only these, in the order of the source; each must be there
    ContentDigest digest = ContentDigest::Compute;
    std::chrono::milliseconds firstDelay{500}; ///< REST and S3: before the first repetition; doubles
};

/// Rows of one source, batch after batch, in bounded memory. Used by one thread at a time. What fails once stays
/// failed. Errors name file, host, row or page: InvalidInput for what is malformed, NotFound, Denied, Unavailable,
/// Timeout, Conflict if a file changes while it is read, Cancelled soon after `stop`.
class BatchSource {
public:
    virtual ~BatchSource() = default;
    virtual const std::vector<std::string>& columns() const = 0;               ///< known once opened
    virtual Result<std::optional<SourceBatch>> next(std::stop_token stop) = 0; ///< nothing at the end
    virtual std::string place(std::uint64_t row) const = 0; ///< `orders.csv row 17`, `page 3 record 12`; for messages
    /// Of exactly the bytes that were read: one file's own SHA-256, else one over all parts. Valid at the end.
    virtual Digest content() const = 0;
    virtual const SourceCounts& counts() const = 0;
    virtual std::string name() const = 0; ///< the path, URL or `host/database` as the person knows it; no secret
    /// Whether rows are counted with a header as row 1.
    virtual bool hasHeader() const { return false; }
    /// How much of the source has been delivered, above 0 and up to 1; 0 if that is unknown.
    virtual double share() const { return 0; }
};

/// Opens a source and learns its columns; reads no more than that needs. Relative paths are taken from the working
/// folder.
Result<std::unique_ptr<BatchSource>> openSource(const spec::SourceSpec& source, const SourceContext& context,
                                                std::stop_token stop = {});

/// One local or `s3://` path (file, glob or folder) as it is given on a command line; S3 takes endpoint and region from
/// AWS_ENDPOINT_URL and AWS_REGION and the keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
spec::SourceSpec sourceOfPath(std::string_view path);

} // namespace perch::data
