#pragma once

#include "core/base/file.h"
#include "core/data/build/dataset_sink.h"

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace perch::data {

/// A Parquet dataset in a folder: `FOLDER/current` is a link to the newest complete build in `FOLDER/_builds`, so that
/// readers of `FOLDER/current` see one build or another, never half of one; the build before is kept for those who
/// still read it. A build holds `date=2026-05-01/part-0.parquet` by the rows' dates (UTC), or `part-0.parquet` where
/// rows have none, and `_manifest.json`. Rows wait in memory up to kPendingBytes and are written as row groups by another
/// thread, while as many gather again: what fails there is said by the next call.
class ParquetDataset final : public DatasetSink {
public:
    static constexpr std::int64_t kPendingBytes = 16 << 20;

    /// Conflict if the folder holds something else or another build runs in it; also Denied, Unavailable.
    static Result<std::unique_ptr<ParquetDataset>> create(const std::filesystem::path& folder,
                                                          std::int64_t pendingBytes = kPendingBytes);
    ~ParquetDataset() override;

    std::filesystem::path scratch() const override { return m_partial->path(); }
    Result<void> write(const std::shared_ptr<arrow::RecordBatch>& rows, std::span<const Micros> dates) override;
    Result<void> commit(BuildReport& report) override;

private:
    struct Writer;
    struct Pending;
    ParquetDataset(std::filesystem::path folder, std::int64_t pendingBytes);
    Result<void> prepare();
    Result<void> flush();
    Result<void> written();
    Result<void> writeAll(std::unique_ptr<Pending> pending);
    Result<void> append(const std::string& partition, const arrow::RecordBatch& rows);
    Result<void> closeWriters();
    Result<std::vector<BuiltPart>> syncParts() const;
    Result<void> makeCurrent(const std::string& name) const;
    void removeOldBuilds(const std::string& newest) const;

    std::filesystem::path m_folder;
    std::int64_t m_pendingBytes;
    bool m_isNew = false; ///< the folder was not there before
    bool m_committed = false;
    std::unique_ptr<FileLock> m_lock;
    std::unique_ptr<TemporaryFolder> m_partial;
    std::unique_ptr<Pending> m_pending;
    std::map<std::string, std::unique_ptr<Writer>> m_writers; ///< open files by partition
    std::map<std::string, std::uint32_t> m_parts;             ///< files begun, by partition
    std::map<std::string, std::uint64_t> m_rows;              ///< by file
    std::future<Result<void>> m_writing; ///< uses the three above
};

} // namespace perch::data
