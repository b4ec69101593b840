#include "core/data/build/lookup_table.h"

#include "core/base/digest.h"
#include "core/data/build/text_cells.h"

#include <arrow/array/array_primitive.h>
#include <arrow/record_batch.h>

namespace perch::data {

namespace {

namespace fs = std::filesystem;
using Aggregate = spec::FeatureSpec::Aggregate;

constexpr const char* kScratchFile = "lookup.db";

/// A name within double quotes, for SQL.
std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name)
        text += c == '"' ? "\"\"" : std::string(1, c);
    return text + '"';
}

bool isFlag(const spec::FeatureSpec& feature) {
    return feature.aggregate == Aggregate::Any;
}

} // namespace

LookupTable::LookupTable(const spec::ModelSpec& spec, fs::path file, TemporaryFolder scratch, Database database)
    : m_spec(&spec), m_entity(spec.build.features.front().entity), m_file(std::move(file)),
      m_scratch(std::move(scratch)), m_database(std::move(database)) {}

Result<std::unique_ptr<LookupTable>> LookupTable::create(const spec::ModelSpec& spec, const fs::path& file) {
    if (spec.build.features.empty())
        return fail(ErrorCode::InvalidInput, "{} has no features to publish: perch.yaml has no section 'features'.",
                    spec.name.text());
    for (const spec::FeatureSpec& feature : spec.build.features) {
        const std::string& entity = spec.build.features.front().entity;
        if (feature.entity != entity)
            return fail(ErrorCode::InvalidInput,
                        "A lookup table has one key, but the features {} and {} have the entities {} and {}.",
                        spec.build.features.front().name, feature.name, entity, feature.entity);
    }
    std::error_code code;
    if (fs::is_directory(file, code))
        return fail(ErrorCode::Conflict, "{} is a folder; the lookup table is one file.", file.string());
    const fs::path parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (!fs::exists(parent, code))
        TRY(makePrivateFolder(parent));
    TemporaryFolder scratch = TRY(TemporaryFolder::create(".publish-", parent));
    // Nobody reads it until it is complete: a crash leaves a file that is thrown away.
    Database database = TRY(Database::open(scratch.path() / kScratchFile, Durability::Normal));
    std::unique_ptr<LookupTable> table(new LookupTable(spec, file, std::move(scratch), std::move(database)));
    TRY(table->createTables());
    return table;
}

Result<void> LookupTable::createTables() {
    std::string columns;
    for (const spec::FeatureSpec& feature : m_spec->build.features)
        columns += fmt::format(", {} {}", quoted(feature.name), isFlag(feature) ? "INTEGER" : "REAL");
    TRY(m_database->execute("CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL)"));
    TRY(m_database->execute("CREATE TABLE columns(position INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL)"));
    return m_database->execute(fmt::format("CREATE TABLE features(key TEXT PRIMARY KEY{}) WITHOUT ROWID", columns));
}

Result<void> LookupTable::write(const std::shared_ptr<arrow::RecordBatch>& rows, std::span<const Micros> /*dates*/) {
    return m_database->transaction([&] { return writeRows(*rows); });
}

Result<void> LookupTable::writeRows(const arrow::RecordBatch& rows) {
    const TextCells keys = TRY(TextCells::of(rows, rows.schema()->GetFieldIndex(m_entity)));
    const std::vector<spec::FeatureSpec>& features = m_spec->build.features;
    std::string places = "?";
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const spec::FeatureSpec& feature : features) {
        places += ", ?";
        columns.push_back(rows.GetColumnByName(feature.name));
    }
    Statement insert = TRY(m_database->prepare(fmt::format("INSERT OR IGNORE INTO features VALUES ({})", places)));
    for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
        const std::optional<std::string_view> key = keys.at(row);
        if (!key)
            continue;
        insert.bind(1, trimmedCell(*key));
        for (std::size_t i = 0; i < features.size(); ++i) {
            const int place = static_cast<int>(i) + 2;
            if (columns[i]->IsNull(row))
                insert.bindNull(place);
            else if (isFlag(features[i]))
                insert.bind(place, std::int64_t{static_cast<const arrow::BooleanArray&>(*columns[i]).Value(row)});
            else
                insert.bind(place, static_cast<const arrow::DoubleArray&>(*columns[i]).Value(row));
        }
        TRY(insert.run());
        m_rows += static_cast<std::uint64_t>(m_database->changes());
    }
    return {};
}

Result<void> LookupTable::commit(BuildReport& report) {
    const auto describe = [&](const char* name, const std::string& value) -> Result<void> {
        return TRY(m_database->prepare("INSERT INTO about VALUES (?, ?)")).bind(1, name).bind(2, value).run();
    };
    TRY(describe("schema", "1"));
    TRY(describe("model", report.model));
    TRY(describe("created", toIso8601(report.builtAt)));
    TRY(describe("as_of", report.asOf));
    TRY(describe("key", m_entity));
    TRY(describe("spec", report.spec.hex()));
    for (std::size_t i = 0; i < m_spec->build.features.size(); ++i) {
        const spec::FeatureSpec& feature = m_spec->build.features[i];
        TRY(TRY(m_database->prepare("INSERT INTO columns VALUES (?, ?, ?)"))
                .bind(1, static_cast<std::int64_t>(i))
                .bind(2, feature.name)
                .bind(3, isFlag(feature) ? "boolean" : "number")
                .run());
    }
    // One file without a log beside it: readers may be on a read-only file system.
    TRY(TRY(m_database->prepare("PRAGMA journal_mode=DELETE")).step());
    m_database.reset();
    const fs::path built = m_scratch.path() / kScratchFile;
    TRY(syncPath(built));
    report.rowsWritten = m_rows;
    report.place = m_file.string();
    std::error_code code;
    report.parts = {{m_file.filename().string(), m_rows, fs::file_size(built, code), TRY(sha256File(built))}};
    fs::rename(built, m_file, code);
    if (code)
        return fail(ErrorCode::Unavailable, "{} cannot be published: {}.", m_file.string(), code.message());
    return syncPath(m_file.has_parent_path() ? m_file.parent_path() : fs::path("."));
}

Result<BuildReport> publishLookup(const spec::ModelSpec& spec, const SourceContext& context, const fs::path& file,
                                  const std::function<void(const BuildProgress&)>& progress, std::stop_token stop,
                                  const SourceOpener& open) {
    spec::ModelSpec now = spec;
    now.build.deduplicate = {}; // the features are those of the entity, whichever of its rows is read
    const std::unique_ptr<LookupTable> table = TRY(LookupTable::create(now, file));
    BuildOptions options{.open = open, .asOf = toMillis(context.clock->now()) * 1'000};
    options.columns = {table->entityColumn()};
    return buildDataset(now, context, *table, progress, std::move(stop), options);
}

} // namespace perch::data
