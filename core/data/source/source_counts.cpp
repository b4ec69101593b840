#include "core/data/source/source_counts.h"

namespace perch::data {

namespace {

Result<void> count(SourceCounts& counts, std::uint64_t& malformed, BadRows policy, Error problem) {
    if (policy == BadRows::Stop)
        return problem;
    if (++malformed > kMostMalformedRows)
        return fail(ErrorCode::InvalidInput, "More than {} rows are malformed; the last: {}", kMostMalformedRows,
                    problem.message);
    if (counts.places.size() < kPlacesKept)
        counts.places.push_back(std::move(problem.message));
    return {};
}

} // namespace

Result<void> countMalformedRow(SourceCounts& counts, BadRows policy, Error problem) {
    return count(counts, counts.malformedRows, policy, std::move(problem));
}

Result<void> countMalformedPage(SourceCounts& counts, BadRows policy, Error problem) {
    return count(counts, counts.malformedPages, policy, std::move(problem));
}

} // namespace perch::data
