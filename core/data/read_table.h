#pragma once

#include "core/data/source/batch_source.h"
#include "core/data/table.h"

#include <map>

namespace perch::data {

/// Which numbers a column may hold: those of a model's 32-bit floats, or all, infinite ones too.
enum class NumberRange { Model, Any };

/// Beyond the bound of training: a column that only identifies is to be named, not to end a check of the table.
inline constexpr std::size_t kMostTexts = 5'000'000;

struct ReadOptions {
    /// Types of columns that must not be inferred: the label (as texts), or all fields of a model when scoring.
    std::map<std::string, FieldType> declared = {};
    /// If not empty, only these columns are kept; each must be there.
    std::vector<std::string> columns = {};
    /// Columns that are left out.
    std::vector<std::string> ignored = {};
    /// Bound on the different texts of one column.
    std::size_t maximumCategories = 10'000;
    NumberRange range = NumberRange::Model;
    /// Columns beyond so many bytes in all lie in files without a name in this folder; empty: the system's for
    /// temporary files.
    std::size_t inMemory = kTableInMemory;
    std::filesystem::path folder = {};
    /// If set, what the source counted is written here, also when reading fails.
    SourceCounts* counts = nullptr;
};

/// Reads a source into a table, streamed in batches; only the typed columns are kept, in memory up to a bound. Types of
/// texts are inferred; typed columns (Parquet) keep theirs, times become seconds since 1970 UTC. A column of numbers in
/// which a text turns up is read once more, so the source is opened again then: Conflict if it has changed. The
/// fingerprint's content is the digest of exactly the bytes that were read. InvalidInput, naming the place: no rows, a
/// column that is missing, a cell that does not fit a declared type, too many categories; also all errors of the
/// source.
Result<Table> readTable(const spec::SourceSpec& source, const SourceContext& context, const ReadOptions& options = {},
                        std::stop_token stop = {});

/// The same from a source that is open already and cannot be read twice: a text among numbers is InvalidInput then,
/// unless the column is declared.
Result<Table> readTable(BatchSource& source, const Clock& clock, const ReadOptions& options = {},
                        std::stop_token stop = {});

} // namespace perch::data
