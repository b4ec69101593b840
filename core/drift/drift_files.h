#pragma once

#include "core/data/read_table.h"
#include "core/drift/drift.h"

#include <functional>

namespace perch::drift {

/// How two sources are read.
struct DriftReading {
    const Clock* clock = nullptr;
    /// About what the tables and their sorted copies may take. Tables that need more are read some columns at a time,
    /// each pass over the source anew: exact whatever the size, in memory that grows with the rows of one column only.
    std::uint64_t memoryBytes = std::uint64_t{2} << 30;
    std::map<std::string, data::FieldType> declared = {}; ///< types that are known, e.g. those of a model's features
    /// Called from the calling thread with the share that is done, 0 to 1.
    std::function<void(double)> progress = [](double) {};
};

/// Both sides of a comparison, with the same types.
struct TablePair {
    data::Table reference, current;
};

/// Reads `columns` of both sources at the same time; empty: all of the reference. The reference's inferred types hold for
/// the current side, unless the reference has no values. All errors of the sources; InvalidInput, naming the place, for a
/// cell of the current side that does not fit, and for a column that it lacks.
Result<TablePair> readPair(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                           const std::vector<std::string>& columns, const DriftReading& reading, std::stop_token stop);

/// Reads both sources, in as many passes as the memory needs, and compares them. Conflict if a source changes between
/// passes; Cancelled soon after `stop`.
Result<DriftReport> measureDriftOfFiles(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                                        const DriftOptions& options, const DriftReading& reading, std::stop_token stop);

} // namespace perch::drift
