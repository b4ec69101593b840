#include "core/data/source/files_source.h"

#include "core/base/digest.h"
#include "core/base/utf8.h"
#include "core/data/source/arrow_error.h"
#include "core/data/source/csv_file.h"
#include "core/data/source/file_list.h"
#include "core/data/source/json_lines_file.h"
#include "core/data/source/parquet_file.h"
#include "core/data/source/s3_store.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/io/buffered.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

namespace perch::data {

namespace {

using Format = spec::FileSource::Format;

/// Which delivered rows came from a file, and which of its records were left out.
struct FileRows {
    std::uint64_t firstRow = 1;
    std::vector<std::uint64_t> skipped = {};
};

class FilesSource final : public BatchSource {
public:
    FilesSource(spec::FileSource source, const SourceContext& context, std::unique_ptr<FileStore> store, FileList list)
        : m_source(std::move(source)), m_badRows(context.badRows), m_digest(context.digest), m_wanted(context.columns), m_store(std::move(store)),
          m_list(std::move(list)), m_rows(m_list.files.size()) {
        for (const ListedFile& file : m_list.files)
            m_size += file.file.size;
    }

    Result<void> open(const std::stop_token& stop);
    const std::vector<std::string>& columns() const override { return m_columns; }
    Result<std::optional<SourceBatch>> next(std::stop_token stop) override;
    std::string place(std::uint64_t row) const override;
    Digest content() const override;
    const SourceCounts& counts() const override { return m_counts; }
    std::string name() const override { return m_source.path; }
    bool hasHeader() const override { return isTable(m_list.files.front().format); }
    double share() const override;

private:
    static bool isTable(Format format) { return format == Format::Csv || format == Format::Tsv; }
    Result<std::unique_ptr<FileReader>> openReader(const std::stop_token& stop);
    Result<void> learnColumns();
    Result<void> openFile(const std::stop_token& stop);
    void closeFile();
    Result<std::shared_ptr<arrow::RecordBatch>> shaped(const arrow::RecordBatch& batch) const;

    spec::FileSource m_source;
    BadRows m_badRows;
    ContentDigest m_digest;
    std::vector<std::string> m_wanted;
    std::unique_ptr<FileStore> m_store;
    FileList m_list;
    std::vector<FileRows> m_rows;
    std::uint64_t m_size = 0;     ///< of all files
    std::uint64_t m_sizeDone = 0; ///< of the files that are read

    std::size_t m_current = 0; ///< the file that is read
    std::unique_ptr<FileReader> m_reader;
    std::shared_ptr<arrow::Schema> m_schema; ///< of the batches that are handed out
    std::vector<std::string> m_columns;
    std::vector<int> m_position; ///< in the current file, of each column; -1: absent, -2 - k: partition key k
    std::vector<Digest> m_digests;
    std::uint64_t m_bytesBefore = 0; ///< of the files before the current one
    SourceCounts m_counts;
};

Result<std::unique_ptr<FileReader>> FilesSource::openReader(const std::stop_token& stop) {
    const ListedFile& listed = m_list.files[m_current];
    FileContext context{.name = listed.name,
                        .badRows = m_badRows,
                        .counts = &m_counts,
                        .skipped = &m_rows[m_current].skipped,
                        .digest = m_digest,
                        .columns = m_wanted};
    if (listed.format == Format::Parquet)
        return openParquetFile(*m_store, listed.file, std::move(context), stop);
    std::shared_ptr<arrow::io::InputStream> file = TRY(m_store->open(listed.file));
    if (const std::size_t readAhead = m_store->readAhead(); readAhead > 0) {
        auto buffered = arrow::io::BufferedInputStream::Create(static_cast<std::int64_t>(readAhead),
                                                               arrow::default_memory_pool(), file);
        if (!buffered.ok())
            return arrowError(buffered.status(), listed.name);
        file = *buffered;
    }
    auto stream = TRY(ByteStream::open(std::move(file), listed.name, listed.file.size));
    if (listed.format == Format::JsonLines)
        return openJsonLinesFile(std::move(stream), std::move(context), stop);
    const char usual = listed.format == Format::Tsv ? '\t' : ',';
    return openCsvFile(std::move(stream), std::move(context), m_source.delimiter == '\0' ? usual : m_source.delimiter,
                       stop);
}

Result<void> FilesSource::learnColumns() {
    arrow::FieldVector fields;
    for (const auto& field : m_reader->schema()->fields())
        fields.push_back(field);
    const std::vector<std::string>& names = m_reader->allColumns();
    for (const std::string& key : m_list.partitionKeys) {
        if (std::ranges::find(names, key) != names.end())
            return fail(ErrorCode::InvalidInput, "{}: \"{}\" is a column of the file and a key of its folder.",
                        m_list.files.front().name, shownText(key));
        if (m_wanted.empty() || std::ranges::find(m_wanted, key) != m_wanted.end())
            fields.push_back(arrow::field(key, arrow::utf8()));
    }
    m_schema = arrow::schema(std::move(fields));
    m_columns = m_schema->field_names();
    for (const std::string& wanted : m_wanted) {
        if (std::ranges::find(m_columns, wanted) == m_columns.end())
            return fail(ErrorCode::InvalidInput, "{} has no column \"{}\".", name(), shownText(wanted));
    }
    return {};
}

/// Opens the current file and finds its columns.
Result<void> FilesSource::openFile(const std::stop_token& stop) {
    m_reader = TRY(openReader(stop));
    m_rows[m_current].firstRow = m_counts.rows + 1;
    if (m_current == 0)
        TRY(learnColumns());
    const ListedFile& listed = m_list.files[m_current];
    const auto refuse = [&](std::string_view problem, const std::string& column) {
        return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" {} {}.", listed.name, shownText(column), problem,
                    m_list.files.front().name);
    };
    m_position.clear();
    for (const auto& field : m_schema->fields()) {
        const int position = m_reader->schema()->GetFieldIndex(field->name());
        const auto key = std::ranges::find(m_list.partitionKeys, field->name());
        if (key != m_list.partitionKeys.end())
            m_position.push_back(-2 - static_cast<int>(key - m_list.partitionKeys.begin()));
        else if (position < 0 && listed.format != Format::JsonLines)
            return refuse("is missing; it is in", field->name());
        else if (position >= 0 && !m_reader->schema()->field(position)->type()->Equals(field->type()))
            return refuse("has another type than in", field->name());
        else
            m_position.push_back(position);
    }
    for (const auto& field : m_reader->schema()->fields()) {
        if (m_schema->GetFieldIndex(field->name()) < 0)
            return refuse("is not in", field->name());
    }
    return {};
}

Result<void> FilesSource::open(const std::stop_token& stop) {
    return openFile(stop);
}

void FilesSource::closeFile() {
    m_bytesBefore += m_reader->bytesRead();
    m_sizeDone += m_list.files[m_current].file.size;
    m_counts.bytes = m_bytesBefore;
    m_digests.push_back(m_reader->finish());
    m_reader.reset();
    ++m_current;
}

/// The batch with the columns of the source: those of the first file, in its order, and the partition keys.
Result<std::shared_ptr<arrow::RecordBatch>> FilesSource::shaped(const arrow::RecordBatch& batch) const {
    arrow::ArrayVector arrays;
    for (std::size_t i = 0; i < m_position.size(); ++i) {
        if (m_position[i] >= 0) {
            arrays.push_back(batch.column(m_position[i]));
            continue;
        }
        const ListedFile& listed = m_list.files[m_current];
        const std::optional<std::string> value =
            m_position[i] == -1 ? std::nullopt : listed.partition[static_cast<std::size_t>(-2 - m_position[i])];
        auto made = value ? arrow::MakeArrayFromScalar(arrow::StringScalar(*value), batch.num_rows())
                          : arrow::MakeArrayOfNull(m_schema->field(static_cast<int>(i))->type(), batch.num_rows());
        if (!made.ok())
            return arrowError(made.status(), listed.name);
        arrays.push_back(*std::move(made));
    }
    return arrow::RecordBatch::Make(m_schema, batch.num_rows(), std::move(arrays));
}

Result<std::optional<SourceBatch>> FilesSource::next(std::stop_token stop) {
    while (m_current < m_list.files.size()) {
        if (!m_reader)
            TRY(openFile(stop));
        const auto batch = TRY(m_reader->next(stop));
        m_counts.bytes = m_bytesBefore + m_reader->bytesRead();
        if (batch) {
            const std::uint64_t first = m_counts.rows + 1;
            m_counts.rows += static_cast<std::uint64_t>(batch->num_rows());
            return SourceBatch{TRY(shaped(*batch)), first};
        }
        closeFile();
    }
    return std::optional<SourceBatch>();
}

std::string FilesSource::place(std::uint64_t row) const {
    std::size_t file = 0;
    while (file + 1 < m_rows.size() && file < m_current && m_rows[file + 1].firstRow <= row)
        ++file;
    std::uint64_t record = row - m_rows[file].firstRow + 1;
    for (const std::uint64_t skipped : m_rows[file].skipped)
        record += skipped <= record ? 1 : 0;
    const ListedFile& listed = m_list.files[file];
    if (listed.format == Format::JsonLines)
        return fmt::format("{} line {}", listed.name, record);
    return fmt::format("{} row {}", listed.name, isTable(listed.format) ? record + 1 : record);
}

Digest FilesSource::content() const {
    if (m_list.files.size() == 1)
        return m_digests.empty() ? Digest() : m_digests.front();
    Sha256 sha;
    for (std::size_t i = 0; i < m_digests.size(); ++i)
        sha.update(fmt::format("{}\n", m_digests[i].hex()));
    return sha.finish();
}

double FilesSource::share() const {
    if (m_size == 0)
        return 0;
    const double current = m_reader && m_current < m_list.files.size()
                               ? m_reader->share() * static_cast<double>(m_list.files[m_current].file.size)
                               : 0;
    return (static_cast<double>(m_sizeDone) + current) / static_cast<double>(m_size);
}

} // namespace

Result<std::unique_ptr<BatchSource>> openFilesSource(const spec::FileSource& files, const SourceContext& context,
                                                     const std::stop_token& stop) {
    const bool remote = isS3(files.path);
    auto store = remote ? TRY(makeS3Store(files, context.firstDelay)) : makeLocalStore();
    FileList list = TRY(listFiles(*store, remote ? pathInStore(files.path) : files.path, files.format, stop));
    auto source = std::make_unique<FilesSource>(files, context, std::move(store), std::move(list));
    TRY(source->open(stop));
    return std::unique_ptr<BatchSource>(std::move(source));
}

} // namespace perch::data
