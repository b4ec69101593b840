#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/data/build/bad_cells.h"
#include "core/data/build/event_group.h"
#include "core/data/source/source_counts.h"
#include "core/spec/model_spec.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace perch::data {

/// What was read from one source.
struct SourceReport {
    std::string name;  ///< in perch.yaml
    std::string place; ///< path, URL or host and database
    Digest content;    ///< of exactly the bytes that were read
    SourceCounts counts;
};

/// A column of the built table. Role: `feature` (built from events), `key` (names an entity or a row), `time`, `label`,
/// or nothing. Keys and times are no inputs of a model.
struct BuiltColumn {
    std::string name, type, role;
};

/// One file of the dataset.
struct BuiltPart {
    std::string path; ///< within the dataset
    std::uint64_t rows = 0, bytes = 0;
    Digest content;
};

/// What a build did: the manifest of the dataset and what the person sees. A value.
struct BuildReport {
    std::string model;
    Digest spec;              ///< of the sections that decide what is built
    SystemTime builtAt{};
    std::string asOf;         ///< the column or the moment; empty without features
    std::string place;        ///< where readers find it
    std::uint64_t rowsRead = 0, rowsRejected = 0, rowsDuplicate = 0, rowsWithoutDate = 0, rowsWritten = 0;
    std::vector<BuiltColumn> columns;
    std::vector<SourceReport> sources;
    std::vector<EventCounts> events;
    std::vector<BadColumn> badColumns;
    std::vector<BuiltPart> parts;
    Seconds took{0};

    /// One digest over the rows' files and their columns: two builds that agree hold the same rows.
    Digest digest() const;
    nlohmann::json toJson() const;
};

/// The digest of what perch.yaml says about building: types, policy, keys and features, however they are written.
Digest buildDigest(const spec::ModelSpec& spec);

} // namespace perch::data
