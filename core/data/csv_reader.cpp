#include "core/data/csv_reader.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/data/column_builder.h"

#include <arrow/array.h>
#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cerrno>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace perch::data {

namespace {

/// Hands the bytes of a file to Arrow and digests them on the way: what is fingerprinted is what was read.
class DigestingStream final : public arrow::io::InputStream {
public:
    explicit DigestingStream(std::shared_ptr<arrow::io::InputStream> file) : m_file(std::move(file)) {}

    arrow::Status Close() override { return m_file->Close(); }
    bool closed() const override { return m_file->closed(); }
    arrow::Result<std::int64_t> Tell() const override { return m_file->Tell(); }
    arrow::Result<std::int64_t> Read(std::int64_t count, void* out) override {
        ARROW_ASSIGN_OR_RAISE(const std::int64_t read, m_file->Read(count, out));
        m_sha.update({static_cast<const char*>(out), static_cast<std::size_t>(read)});
        return read;
    }
    arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override {
        ARROW_ASSIGN_OR_RAISE(auto buffer, m_file->Read(count));
        m_sha.update({reinterpret_cast<const char*>(buffer->data()), static_cast<std::size_t>(buffer->size())});
        return buffer;
    }
    Digest digest() { return m_sha.finish(); }

private:
    std::shared_ptr<arrow::io::InputStream> m_file;
    Sha256 m_sha;
};

/// One pass over a file.
struct Pass {
    std::filesystem::path file;
    std::uint64_t fileSize = 0;
    std::vector<std::string> columns; ///< the ones to keep, all if empty
    std::shared_ptr<DigestingStream> stream;
    std::optional<arrow::csv::InvalidRow> ragged; ///< the first row with a wrong number of cells; its text is not kept
};

Error inFile(const std::filesystem::path& file, Error error) {
    error.message = fmt::format("{}: {}", file.string(), error.message);
    return error;
}

Error arrowError(const Pass& pass, const arrow::Status& status) {
    if (pass.ragged) {
        return fail(ErrorCode::InvalidInput, "{}: row {} has {} cells where the header has {} (the header is row 1).",
                    pass.file.string(), pass.ragged->number, pass.ragged->actual_columns,
                    pass.ragged->expected_columns);
    }
    std::string reason = status.message().substr(0, status.message().find('\n'));
    if (reason.find("Empty CSV") != std::string::npos)
        return fail(ErrorCode::InvalidInput, "{} {}.", pass.file.string(),
                    pass.fileSize == 0 ? "is empty" : "has a header but no rows");
    if (reason.find("straddling") != std::string::npos)
        reason = "a row is longer than 1 MiB, or a quote is never closed";
    return fail(status.IsIOError() ? ErrorCode::Unavailable : ErrorCode::InvalidInput, "{} cannot be read as CSV: {}.",
                pass.file.string(), reason);
}

Result<void> openStream(Pass& pass) {
    std::error_code code;
    if (std::filesystem::is_directory(pass.file, code))
        return fail(ErrorCode::InvalidInput, "{} is a folder, not a CSV file.", pass.file.string());
    const int descriptor = ::open(pass.file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fileError(pass.file, "read");
    pass.fileSize = std::filesystem::file_size(pass.file, code);
    auto opened = arrow::io::ReadableFile::Open(descriptor); // owns the descriptor
    if (!opened.ok())
        return arrowError(pass, opened.status());
    pass.stream = std::make_shared<DigestingStream>(*opened);
    return {};
}

Result<std::shared_ptr<arrow::csv::StreamingReader>> openReader(Pass& pass) {
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = false; // rows keep their numbers; columns are converted by us
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.newlines_in_values = true;
    parse.invalid_row_handler = [&pass](const arrow::csv::InvalidRow& row) {
        if (!pass.ragged)
            pass.ragged.emplace(arrow::csv::InvalidRow{row.expected_columns, row.actual_columns, row.number, {}});
        return arrow::csv::InvalidRowResult::Error;
    };
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.default_column_type = arrow::binary(); // bytes: types are inferred by ColumnBuilder
    convert.include_columns = pass.columns;
    auto made = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), pass.stream, read, parse, convert);
    if (!made.ok())
        return arrowError(pass, made.status());
    return *made;
}

Result<void> checkHeader(const std::filesystem::path& file, const arrow::Schema& schema) {
    std::set<std::string> seen;
    for (int i = 0; i < schema.num_fields(); ++i) {
        const std::string& name = schema.field(i)->name();
        if (name.empty())
            return fail(ErrorCode::InvalidInput, "{}: column {} has no name in the header.", file.string(), i + 1);
        if (!isUtf8(name))
            return fail(ErrorCode::InvalidInput, "{}: the name of column {} holds bytes that are not UTF-8.",
                        file.string(), i + 1);
        if (!seen.insert(name).second)
            return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" is there twice.", file.string(), name);
    }
    return {};
}

/// A column that is kept, and where it stands in the file.
struct KeptColumn {
    int position;
    ColumnBuilder builder;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<KeptColumn> makeBuilders(const arrow::Schema& schema, const CsvOptions& options) {
    std::vector<KeptColumn> kept;
    for (int i = 0; i < schema.num_fields(); ++i) {
        const std::string& name = schema.field(i)->name();
        if (contains(options.ignored, name) || (!options.columns.empty() && !contains(options.columns, name)))
            continue;
        const auto declared = options.declared.find(name);
        const std::optional<FieldType> type =
            declared == options.declared.end() ? std::nullopt : std::optional(declared->second);
        kept.push_back({i, ColumnBuilder(name, type, options.maximumCategories)});
    }
    return kept;
}

Result<void> appendBatch(const arrow::RecordBatch& batch, std::vector<KeptColumn>& kept) {
    for (KeptColumn& column : kept) {
        const auto& cells = static_cast<const arrow::BinaryArray&>(*batch.column(column.position));
        const auto* bytes = reinterpret_cast<const char*>(cells.raw_data());
        TRY(column.builder.append(cells.raw_value_offsets(), bytes, static_cast<std::size_t>(cells.length())));
    }
    return {};
}

/// Reads all batches into the columns; returns the number of rows.
Result<std::size_t> readBatches(Pass& pass, arrow::csv::StreamingReader& reader, std::vector<KeptColumn>& kept,
                                const std::stop_token& stop) {
    std::size_t rows = 0;
    for (;;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", pass.file.string());
        std::shared_ptr<arrow::RecordBatch> batch;
        const arrow::Status status = reader.ReadNext(&batch);
        if (!status.ok())
            return arrowError(pass, status);
        if (batch == nullptr)
            return rows;
        if (rows == 0 && batch->num_rows() > 0 && reader.bytes_read() > 0) {
            const double bytesPerRow =
                static_cast<double>(reader.bytes_read()) / static_cast<double>(batch->num_rows());
            for (KeptColumn& column : kept)
                column.builder.reserve(
                    static_cast<std::size_t>(static_cast<double>(pass.fileSize) / bytesPerRow * 1.01));
        }
        rows += static_cast<std::size_t>(batch->num_rows());
        if (Result<void> appended = appendBatch(*batch, kept); !appended)
            return inFile(pass.file, std::move(appended.error()));
    }
}

/// The columns that turned out to be texts, read again as such.
Result<void> rereadTexts(Pass& first, const Digest& content, std::vector<KeptColumn>& kept, CsvOptions options,
                         const std::stop_token& stop) {
    Pass pass{.file = first.file};
    for (const KeptColumn& column : kept) {
        if (column.builder.mustReread()) {
            pass.columns.push_back(column.builder.name());
            options.declared[column.builder.name()] = FieldType::Category;
        }
    }
    if (pass.columns.empty())
        return {};
    TRY(openStream(pass));
    const auto reader = TRY(openReader(pass));
    std::vector<KeptColumn> again = makeBuilders(*reader->schema(), options);
    TRY(readBatches(pass, *reader, again, stop));
    if (pass.stream->digest() != content)
        return fail(ErrorCode::Conflict, "{} changed while it was read.", pass.file.string());
    for (KeptColumn& column : again) {
        const auto place = std::find_if(kept.begin(), kept.end(), [&](const KeptColumn& old) {
            return old.builder.name() == column.builder.name();
        });
        place->builder = std::move(column.builder);
    }
    return {};
}

std::string schemaOf(const std::vector<Column>& columns) {
    std::string schema;
    for (const Column& column : columns)
        schema += fmt::format("{}:{}\n", column.name, toString(column.type));
    return schema;
}

Result<void> checkColumnsThere(const std::filesystem::path& file, const arrow::Schema& schema,
                               const std::vector<std::string>& wanted) {
    for (const std::string& name : wanted) {
        if (schema.GetFieldIndex(name) >= 0)
            continue;
        Error error = fail(ErrorCode::InvalidInput, "{} has no column \"{}\"; the nearest is \"{}\".", file.string(),
                           name, nearNames(name, schema.field_names()).front());
        error.where = name;
        return error;
    }
    return {};
}

Result<Table> readTable(const std::filesystem::path& file, const Clock& clock, const CsvOptions& options,
                        const std::stop_token& stop) {
    Pass pass{.file = file};
    TRY(openStream(pass));
    auto reader = TRY(openReader(pass));
    TRY(checkHeader(file, *reader->schema()));
    TRY(checkColumnsThere(file, *reader->schema(), options.columns));
    TRY(checkColumnsThere(file, *reader->schema(), options.ignored));
    std::vector<KeptColumn> kept = makeBuilders(*reader->schema(), options);
    Table table;
    table.rows = TRY(readBatches(pass, *reader, kept, stop));
    if (table.rows == 0)
        return fail(ErrorCode::InvalidInput, "{} has a header but no rows.", file.string());
    table.fingerprint = {
        .content = pass.stream->digest(), .rows = table.rows, .source = file.string(), .readAt = clock.now()};
    TRY(rereadTexts(pass, table.fingerprint.content, kept, options, stop));
    for (KeptColumn& column : kept)
        table.columns.push_back(column.builder.finish());
    table.fingerprint.schema = schemaOf(table.columns);
    return table;
}

} // namespace

Result<Table> readCsv(const std::filesystem::path& file, const Clock& clock, const CsvOptions& options,
                      std::stop_token stop) {
    try {
        Result<Table> table = readTable(file, clock, options, stop);
        arrow::default_memory_pool()->ReleaseUnused(); // the blocks; the table holds none of Arrow's memory
        return table;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Unavailable, "{} does not fit into memory.", file.string());
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "Reading {} failed: {}.", file.string(), error.what());
    }
}

} // namespace perch::data
