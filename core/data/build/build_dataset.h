#pragma once

#include "core/data/build/build_report.h"
#include "core/data/build/dataset_sink.h"
#include "core/data/source/batch_source.h"
#include "core/spec/model_spec.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace perch::data {

/// How far a build is.
struct BuildProgress {
    std::string what;       ///< `Reading orders`
    std::uint64_t rows = 0; ///< of this step
    double share = 0;       ///< of this step, up to 1; 0: unknown
};

/// Opens a source; tests put their own in.
using SourceOpener = std::function<Result<std::unique_ptr<BatchSource>>(const spec::SourceSpec&, const SourceContext&,
                                                                       std::stop_token)>;

inline constexpr std::size_t kBuildInMemory = std::size_t{128} << 20;

struct BuildOptions {
    SourceOpener open = {};                 ///< default: openSource
    std::optional<Micros> asOf = {};        ///< in place of what perch.yaml says: the same moment for every row
    std::vector<std::string> columns = {};  ///< if not empty, only these columns of the table are kept
    std::size_t inMemory = kBuildInMemory;  ///< bytes of events, and of keys of `deduplicate`; more go to files
};

/// Builds the table of a model: the rows of its table with their declared types, one for each key, and the features of
/// their events as of each row's date. An event at or after that date is never seen.
///
/// Memory: about 600 MB whatever the size of the table and of its events, and beside them one bit for each row and, with
/// features, 21 to 43 bytes for each entity and its key if that is longer than 11 bytes. The rows wait once on disk, in
/// the sink's scratch folder; so do keys and events beyond `inMemory`, in files without a name.
///
/// Nothing is published unless every source was read to its end. InvalidInput that names source, row and column;
/// whatever a source says; Cancelled.
Result<BuildReport> buildDataset(const spec::ModelSpec& spec, const SourceContext& context, DatasetSink& sink,
                                 const std::function<void(const BuildProgress&)>& progress = {},
                                 std::stop_token stop = {}, const BuildOptions& options = {});

} // namespace perch::data
