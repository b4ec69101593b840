#pragma once

#include "core/base/database.h"
#include "core/base/file.h"
#include "core/data/build/build_dataset.h"
#include "core/spec/model_spec.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace perch::data {

/// The lookup table for serving: one row for each entity with its built features, in one SQLite file that is replaced
/// in one step. Its tables:
///
///     about(name, value)           schema (1), model, created, as_of (ISO 8601 UTC), key (the entity's column), spec
///     columns(position, name, type)  the features in the order of perch.yaml; `number` or `boolean`
///     features(key, ...)           key as text; REAL, or INTEGER 0 and 1; NULL is missing
///
/// One thread at a time.
class LookupTable final : public DatasetSink {
public:
    /// InvalidInput if the model has no features or their entities are in different columns; also Denied, Unavailable.
    static Result<std::unique_ptr<LookupTable>> create(const spec::ModelSpec& spec, const std::filesystem::path& file);

    std::filesystem::path scratch() const override { return m_scratch.path(); }
    /// Of rows with the same entity the first counts: as of one moment their features are the same.
    Result<void> write(const std::shared_ptr<arrow::RecordBatch>& rows, std::span<const Micros> dates) override;
    Result<void> commit(BuildReport& report) override;

    /// The column of the table that holds the entity.
    const std::string& entityColumn() const { return m_entity; }

private:
    LookupTable(const spec::ModelSpec& spec, std::filesystem::path file, TemporaryFolder scratch, Database database);
    Result<void> createTables();
    Result<void> writeRows(const arrow::RecordBatch& rows);

    const spec::ModelSpec* m_spec;
    std::string m_entity;
    std::filesystem::path m_file;
    TemporaryFolder m_scratch;
    std::optional<Database> m_database;
    std::uint64_t m_rows = 0;
};

/// Writes the lookup table of a model with the features as of now.
Result<BuildReport> publishLookup(const spec::ModelSpec& spec, const SourceContext& context,
                                  const std::filesystem::path& file,
                                  const std::function<void(const BuildProgress&)>& progress = {},
                                  std::stop_token stop = {}, const SourceOpener& open = {});

} // namespace perch::data
