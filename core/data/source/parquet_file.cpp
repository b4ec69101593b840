#include "core/data/source/parquet_file.h"

#include "core/base/digest.h"
#include "core/base/utf8.h"
#include "core/data/source/arrow_error.h"
#include "core/data/source/csv_file.h"

#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <numeric>
#include <set>

namespace perch::data {

namespace {

constexpr std::int64_t kRowsAtOnce = 16'384;
constexpr std::int64_t kDigestAtOnce = 4 << 20;
constexpr std::int64_t kPageBuffer = 1 << 20;
constexpr std::int32_t kLargestFooterPart = 64 << 20;

/// The type in which a column is handed on; null for one that is not plain.
std::shared_ptr<arrow::DataType> plainType(const std::shared_ptr<arrow::DataType>& type) {
    switch (type->id()) {
    case arrow::Type::DICTIONARY:
        return plainType(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
        return arrow::utf8();
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY:
        return arrow::binary();
    default:
        return arrow::is_nested(type->id()) || arrow::is_union(type->id()) ? nullptr : type;
    }
}

class ParquetFile final : public FileReader {
public:
    ParquetFile(FileStore& store, StoredFile file, FileContext context)
        : m_store(&store), m_file(std::move(file)), m_context(std::move(context)) {}

    Result<void> open(const std::stop_token& stop);
    const std::shared_ptr<arrow::Schema>& schema() const override { return m_schema; }
    const std::vector<std::string>& allColumns() const override { return m_names; }
    Result<std::shared_ptr<arrow::RecordBatch>> next(const std::stop_token& stop) override;
    Digest finish() override { return m_digest; }
    std::uint64_t bytesRead() const override { return m_file.size; }
    double share() const override;

private:
    Result<void> digest(arrow::io::RandomAccessFile& file, const std::stop_token& stop);
    Result<std::vector<int>> chooseColumns(const arrow::Schema& stored);
    Result<std::shared_ptr<arrow::RecordBatch>> plain(const arrow::RecordBatch& batch) const;
    Error wrong(const arrow::Status& status) const;

    FileStore* m_store;
    StoredFile m_file;
    FileContext m_context;
    Digest m_digest;
    std::vector<std::string> m_names;
    std::shared_ptr<arrow::Schema> m_schema;
    std::unique_ptr<parquet::arrow::FileReader> m_parquet;
    std::unique_ptr<arrow::RecordBatchReader> m_batches;
    std::int64_t m_rows = 0;
};

Error ParquetFile::wrong(const arrow::Status& status) const {
    if (status.message().find("magic bytes") != std::string::npos)
        return fail(ErrorCode::InvalidInput, "{} is cut off or no Parquet file: it does not end like one.",
                    m_context.name);
    if (status.message().find("file size is 0 bytes") != std::string::npos)
        return fail(ErrorCode::InvalidInput, "{} is empty.", m_context.name);
    Error error = arrowError(status, m_context.name);
    // A truncated or damaged file is reported like a failing disk.
    if (error.code == ErrorCode::Unavailable && status.message().find("AWS") == std::string::npos)
        error.code = ErrorCode::InvalidInput;
    return error;
}

Result<void> ParquetFile::digest(arrow::io::RandomAccessFile& file, const std::stop_token& stop) {
    Sha256 sha;
    for (std::int64_t at = 0;;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", m_context.name);
        const auto read = file.ReadAt(at, kDigestAtOnce);
        if (!read.ok())
            return wrong(read.status());
        if ((*read)->size() == 0)
            break;
        sha.update({reinterpret_cast<const char*>((*read)->data()), static_cast<std::size_t>((*read)->size())});
        at += (*read)->size();
    }
    m_digest = sha.finish();
    return {};
}

Result<std::vector<int>> ParquetFile::chooseColumns(const arrow::Schema& stored) {
    std::vector<int> chosen;
    arrow::FieldVector fields;
    std::set<std::string_view> seen;
    if (static_cast<std::size_t>(stored.num_fields()) > kMostColumns)
        return fail(ErrorCode::InvalidInput, "{} has more than {} columns.", m_context.name, kMostColumns);
    for (int i = 0, leaf = 0; i < stored.num_fields(); ++i) {
        const std::string& name = stored.field(i)->name();
        if (name.empty() || !isUtf8(name))
            return fail(ErrorCode::InvalidInput, "{}: the name of column {} is {}.", m_context.name, i + 1,
                        name.empty() ? "empty" : "not UTF-8");
        if (!seen.insert(name).second)
            return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" is there twice.", m_context.name,
                        shownText(name));
        const auto type = plainType(stored.field(i)->type());
        const bool kept =
            m_context.columns.empty() || std::ranges::find(m_context.columns, name) != m_context.columns.end();
        if (kept && !type)
            return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" holds {}; only plain values can be read.",
                        m_context.name, shownText(name), stored.field(i)->type()->ToString());
        m_names.push_back(name);
        if (kept) {
            chosen.push_back(leaf);
            fields.push_back(arrow::field(name, type));
        }
        // A column that is not plain takes as many leaves as it has parts.
        std::vector<const arrow::DataType*> open{stored.field(i)->type().get()};
        while (!open.empty()) {
            const arrow::DataType* at = open.back();
            open.pop_back();
            leaf += at->num_fields() == 0 ? 1 : 0;
            for (const auto& part : at->fields())
                open.push_back(part->type().get());
        }
    }
    m_schema = arrow::schema(std::move(fields));
    return chosen;
}

Result<void> ParquetFile::open(const std::stop_token& stop) {
    const auto file = TRY(m_store->open(m_file));
    if (m_context.digest == ContentDigest::Compute)
        TRY(digest(*file, stop));
    parquet::ReaderProperties reading = parquet::default_reader_properties();
    reading.enable_buffered_stream();
    reading.set_buffer_size(kPageBuffer);
    reading.set_thrift_string_size_limit(kLargestFooterPart);
    reading.set_thrift_container_size_limit(kLargestFooterPart / 64);
    parquet::ArrowReaderProperties shaping;
    shaping.set_batch_size(kRowsAtOnce);
    shaping.set_use_threads(false);
    shaping.set_pre_buffer(false); // a row group at once is no bound
    parquet::arrow::FileReaderBuilder builder;
    arrow::Status status = builder.Open(file, reading);
    if (status.ok())
        status = builder.properties(shaping)->Build(&m_parquet);
    std::shared_ptr<arrow::Schema> stored;
    if (status.ok())
        status = m_parquet->GetSchema(&stored);
    if (!status.ok())
        return wrong(status);
    const std::vector<int> chosen = TRY(chooseColumns(*stored));
    std::vector<int> groups(static_cast<std::size_t>(m_parquet->num_row_groups()));
    std::iota(groups.begin(), groups.end(), 0);
    auto batches = m_parquet->GetRecordBatchReader(groups, chosen);
    if (!batches.ok())
        return wrong(batches.status());
    m_batches = *std::move(batches);
    return {};
}

/// The batch with plain types.
Result<std::shared_ptr<arrow::RecordBatch>> ParquetFile::plain(const arrow::RecordBatch& batch) const {
    arrow::ArrayVector arrays;
    for (int i = 0; i < batch.num_columns(); ++i) {
        auto array = batch.column(i);
        const auto& wanted = m_schema->field(i)->type();
        if (!array->type()->Equals(wanted)) {
            auto cast = arrow::compute::Cast(*array, wanted);
            if (!cast.ok())
                return wrong(cast.status());
            array = *std::move(cast);
        }
        arrays.push_back(std::move(array));
    }
    return arrow::RecordBatch::Make(m_schema, batch.num_rows(), std::move(arrays));
}

Result<std::shared_ptr<arrow::RecordBatch>> ParquetFile::next(const std::stop_token& stop) {
    for (;;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", m_context.name);
        std::shared_ptr<arrow::RecordBatch> batch;
        const arrow::Status status = m_batches->ReadNext(&batch);
        if (!status.ok())
            return wrong(status);
        if (batch && batch->num_rows() == 0)
            continue;
        if (batch) {
            m_rows += batch->num_rows();
            return plain(*batch);
        }
        const StoredFile now = TRY(m_store->look(m_file.path));
        if (now.size != m_file.size || now.changed != m_file.changed)
            return fail(ErrorCode::Conflict, "{} changed while it was read.", m_context.name);
        return batch;
    }
}

double ParquetFile::share() const {
    const std::int64_t rows = m_parquet->parquet_reader()->metadata()->num_rows();
    return rows == 0 ? 0 : static_cast<double>(m_rows) / static_cast<double>(rows);
}

} // namespace

Result<std::unique_ptr<FileReader>> openParquetFile(FileStore& store, const StoredFile& file, FileContext context,
                                                    const std::stop_token& stop) {
    auto parquet = std::make_unique<ParquetFile>(store, file, std::move(context));
    TRY(parquet->open(stop));
    return std::unique_ptr<FileReader>(std::move(parquet));
}

} // namespace perch::data
