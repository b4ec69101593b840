#include "core/data/build/parquet_dataset.h"

#include "core/base/digest.h"
#include "core/data/build/select_rows.h"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <nlohmann/json.hpp>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <utility>

namespace perch::data {

namespace {

namespace fs = std::filesystem;

constexpr const char* kBuilds = "_builds";
constexpr const char* kCurrent = "current";
constexpr const char* kPartialPrefix = ".partial-";
constexpr std::size_t kMostOpenFiles = 64;
constexpr std::size_t kBuildsKept = 2;

Error writeError(const fs::path& file, const arrow::Status& status) {
    return fail(ErrorCode::Unavailable, "{} cannot be written: {}.", file.string(), status.message());
}

Error systemError(const fs::path& file, const std::error_code& code) {
    return fail(ErrorCode::Unavailable, "{} cannot be published: {}.", file.string(), code.message());
}

std::string partitionOf(Micros date) {
    return date == kNoDate ? "date=__HIVE_DEFAULT_PARTITION__" : "date=" + toDate(date);
}

} // namespace

/// An open file of the dataset.
struct ParquetDataset::Writer {
    std::string path; ///< within the build
    std::shared_ptr<arrow::io::FileOutputStream> stream;
    std::unique_ptr<parquet::arrow::FileWriter> rows;
};

/// Rows that wait to be written.
struct ParquetDataset::Pending {
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    std::vector<Micros> days; ///< the midnight of each row's date, or kNoDate; empty if rows have none
    std::int64_t bytes = 0;
};

ParquetDataset::ParquetDataset(fs::path folder, std::int64_t pendingBytes)
    : m_folder(std::move(folder)), m_pendingBytes(pendingBytes), m_pending(std::make_unique<Pending>()) {}

ParquetDataset::~ParquetDataset() {
    if (m_writing.valid())
        m_writing.wait();
    m_writers.clear();
    m_partial.reset();
    std::error_code ignored;
    if (m_isNew && !m_committed)
        fs::remove_all(m_folder, ignored);
}

Result<std::unique_ptr<ParquetDataset>> ParquetDataset::create(const fs::path& folder, std::int64_t pendingBytes) {
    std::unique_ptr<ParquetDataset> dataset(new ParquetDataset(folder, pendingBytes));
    TRY(dataset->prepare());
    return dataset;
}

Result<void> ParquetDataset::prepare() {
    std::error_code code;
    const bool exists = fs::exists(m_folder, code);
    const bool free = !exists || (fs::is_directory(m_folder, code) &&
                                  (fs::exists(m_folder / kBuilds, code) || fs::is_empty(m_folder, code)));
    if (!free)
        return fail(ErrorCode::Conflict, "{} exists and is neither an empty folder nor a dataset that perch built.",
                    m_folder.string());
    TRY(makePrivateFolder(m_folder));
    const fs::path builds = m_folder / kBuilds;
    TRY(makePrivateFolder(builds));
    Result<FileLock> lock = FileLock::acquire(builds / ".lock");
    if (!lock)
        return lock.error().code == ErrorCode::Conflict
                   ? fail(ErrorCode::Conflict, "Another build is writing to {}.", m_folder.string())
                   : std::move(lock).error();
    m_lock = std::make_unique<FileLock>(*std::move(lock));
    m_isNew = !exists;
    for (const fs::directory_entry& entry : fs::directory_iterator(builds, code)) {
        if (entry.path().filename().string().starts_with(kPartialPrefix)) // of a build that was killed
            fs::remove_all(entry.path(), code);
    }
    m_partial = std::make_unique<TemporaryFolder>(TRY(TemporaryFolder::create(kPartialPrefix, builds)));
    return {};
}

Result<void> ParquetDataset::write(const std::shared_ptr<arrow::RecordBatch>& rows, std::span<const Micros> dates) {
    if (rows->num_rows() == 0)
        return {};
    m_pending->batches.push_back(rows);
    for (const Micros date : dates) {
        const Micros sinceMidnight = (date % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay;
        m_pending->days.push_back(date == kNoDate ? kNoDate : date - sinceMidnight);
    }
    m_pending->bytes += arrow::util::TotalBufferSize(*rows);
    return m_pending->bytes < m_pendingBytes ? Result<void>() : flush();
}

Result<void> ParquetDataset::flush() {
    TRY(written());
    m_writing = std::async(std::launch::async,
                           [this, pending = std::exchange(m_pending, std::make_unique<Pending>())]() mutable {
                               return writeAll(std::move(pending));
                           });
    return {};
}

/// Waits for the rows that are being written.
Result<void> ParquetDataset::written() {
    return m_writing.valid() ? m_writing.get() : Result<void>();
}

/// Writes the rows of each date to its file, in their order.
Result<void> ParquetDataset::writeAll(std::unique_ptr<Pending> pending) {
    if (pending->batches.empty())
        return {};
    auto table = arrow::Table::FromRecordBatches(std::exchange(pending->batches, {}));
    auto combined = table.ok() ? (*table)->CombineChunksToBatch() : table.status();
    if (!combined.ok())
        return writeError(m_folder, combined.status());
    *table = nullptr;
    if (pending->days.empty())
        return append("", **combined);
    std::map<Micros, std::vector<std::int64_t>> rowsOf;
    for (std::size_t row = 0; row < pending->days.size(); ++row)
        rowsOf[pending->days[row]].push_back(static_cast<std::int64_t>(row));
    for (const auto& [day, rows] : rowsOf)
        TRY(append(partitionOf(day), *TRY(takeRows(*combined, rows))));
    return m_writers.size() > kMostOpenFiles ? closeWriters() : Result<void>();
}

Result<void> ParquetDataset::append(const std::string& partition, const arrow::RecordBatch& rows) {
    std::unique_ptr<Writer>& writer = m_writers[partition];
    if (writer == nullptr) {
        writer = std::make_unique<Writer>();
        writer->path = (fs::path(partition) / fmt::format("part-{}.parquet", m_parts[partition]++)).string();
        const fs::path file = m_partial->path() / writer->path;
        TRY(makePrivateFolder(file.parent_path()));
        auto stream = arrow::io::FileOutputStream::Open(file.string());
        if (!stream.ok())
            return writeError(file, stream.status());
        writer->stream = *stream;
        const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::SNAPPY)->build();
        // Arrow's own schema beside Parquet's: times keep their zone.
        const auto arrowProperties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
        auto opened = parquet::arrow::FileWriter::Open(*rows.schema(), arrow::default_memory_pool(), *stream,
                                                       properties, arrowProperties);
        if (!opened.ok())
            return writeError(file, opened.status());
        writer->rows = *std::move(opened);
    }
    const arrow::ArrayVector columns = rows.columns();
    const auto table = arrow::Table::Make(rows.schema(), columns, rows.num_rows());
    if (const arrow::Status status = writer->rows->WriteTable(*table, rows.num_rows()); !status.ok())
        return writeError(m_partial->path() / writer->path, status);
    m_rows[writer->path] += static_cast<std::uint64_t>(rows.num_rows());
    return {};
}

Result<void> ParquetDataset::closeWriters() {
    for (const auto& [partition, writer] : m_writers) {
        arrow::Status status = writer->rows->Close();
        if (status.ok())
            status = writer->stream->Close();
        if (!status.ok())
            return writeError(m_partial->path() / writer->path, status);
    }
    m_writers.clear();
    return {};
}

Result<std::vector<BuiltPart>> ParquetDataset::syncParts() const {
    std::vector<BuiltPart> parts;
    std::error_code ignored;
    for (const auto& [path, rows] : m_rows) {
        const fs::path file = m_partial->path() / path;
        TRY(syncPath(file));
        TRY(syncPath(file.parent_path()));
        parts.push_back({path, rows, fs::file_size(file, ignored), TRY(sha256File(file))});
    }
    return parts;
}

/// One rename moves readers from the build before to this one.
Result<void> ParquetDataset::makeCurrent(const std::string& name) const {
    const fs::path link = m_folder / kBuilds / ".next";
    std::error_code code;
    fs::remove(link, code);
    fs::create_directory_symlink(fs::path(kBuilds) / name, link, code);
    if (!code)
        fs::rename(link, m_folder / kCurrent, code);
    if (code)
        return systemError(m_folder / kCurrent, code);
    return syncPath(m_folder);
}

void ParquetDataset::removeOldBuilds(const std::string& newest) const {
    std::vector<std::string> names; // they begin with their time
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_folder / kBuilds, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.') && name != newest)
            names.push_back(name);
    }
    std::sort(names.begin(), names.end(), std::greater());
    for (std::size_t i = kBuildsKept - 1; i < names.size(); ++i)
        fs::remove_all(m_folder / kBuilds / names[i], ignored);
}

Result<void> ParquetDataset::commit(BuildReport& report) {
    TRY(flush());
    TRY(written());
    TRY(closeWriters());
    report.parts = TRY(syncParts());
    report.place = (m_folder / kCurrent).string();
    TRY(writeFileAtomically(m_partial->path() / "_manifest.json", report.toJson().dump(2) + "\n"));
    TRY(syncPath(m_partial->path()));
    std::string name = fmt::format("{}-{}", toIso8601(report.builtAt), makeRandomId().substr(0, 8));
    std::replace(name.begin(), name.end(), ':', '-');
    std::error_code code;
    fs::rename(m_partial->path(), m_folder / kBuilds / name, code);
    if (code)
        return systemError(m_folder / kBuilds / name, code);
    m_partial->release();
    TRY(syncPath(m_folder / kBuilds));
    TRY(makeCurrent(name));
    m_committed = true;
    removeOldBuilds(name);
    return {};
}

} // namespace perch::data
