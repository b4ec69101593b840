#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace perch::data {

/// What becomes of a row or page that is malformed as a whole, such as a row with too few cells.
enum class BadRows { Stop, Skip };

/// Whether the digest of the content is wanted. Without it a Parquet file is not read twice; `content` is empty then.
enum class ContentDigest { Compute, Skip };

/// What a source has read so far.
struct SourceCounts {
    std::uint64_t rows = 0;           ///< delivered
    std::uint64_t bytes = 0;          ///< as stored or received, before decompression
    std::uint64_t malformedRows = 0;  ///< skipped
    std::uint64_t malformedPages = 0; ///< skipped
    std::uint64_t duplicates = 0;     ///< records of REST pages that came again, dropped
    std::uint64_t repetitions = 0;    ///< requests that were sent again
    std::vector<std::string> places = {}; ///< the first malformed rows and pages: one sentence each
};

constexpr std::size_t kPlacesKept = 20;
/// A source with more malformed rows than this is not what its name says.
constexpr std::uint64_t kMostMalformedRows = 100'000;

/// Decides about a malformed row: an error under BadRows::Stop or when there are too many, otherwise it is counted.
Result<void> countMalformedRow(SourceCounts& counts, BadRows policy, Error problem);
Result<void> countMalformedPage(SourceCounts& counts, BadRows policy, Error problem);

} // namespace perch::data
