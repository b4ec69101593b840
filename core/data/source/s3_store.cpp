#include "core/data/source/s3_store.h"

#include "core/data/source/arrow_error.h"

#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>

#include <algorithm>
#include <mutex>

namespace perch::data {

namespace {

constexpr std::string_view kScheme = "s3://";
constexpr double kConnectSeconds = 5;
constexpr double kRequestSeconds = 60;
constexpr std::int64_t kMostAttempts = 5;
constexpr std::int64_t kLongestDelay = 10'000;
constexpr std::size_t kReadAhead = std::size_t{4} << 20;
constexpr int kMostLevels = 64;

class BoundedRetries final : public arrow::fs::S3RetryStrategy {
public:
    explicit BoundedRetries(std::chrono::milliseconds first) : m_first(first.count()) {}
    bool ShouldRetry(const AWSErrorDetail& error, std::int64_t attempted) override {
        return error.should_retry && attempted + 1 < kMostAttempts;
    }
    std::int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail& /*error*/, std::int64_t attempted) override {
        return std::min(m_first << std::min<std::int64_t>(attempted, 16), kLongestDelay);
    }

private:
    std::int64_t m_first;
};

/// The library behind S3 wants to be set up once.
arrow::Status initializeOnce() {
    static std::once_flag once;
    static arrow::Status status;
    std::call_once(once, [] {
        arrow::fs::S3GlobalOptions options = arrow::fs::S3GlobalOptions::Defaults();
        options.log_level = arrow::fs::S3LogLevel::Off;
        status = arrow::fs::InitializeS3(options);
    });
    return status;
}

/// It also wants to be taken down before the program ends, and before its own statics go: those exist once it has made
/// its first client.
void finalizeAtExit() {
    static std::once_flag once;
    std::call_once(once, [] { std::atexit([] { (void)arrow::fs::EnsureS3Finalized(); }); });
}

StoredFile fileOf(const arrow::fs::FileInfo& info) {
    return {.path = info.path(),
            .size = info.IsFile() ? static_cast<std::uint64_t>(info.size()) : 0,
            .changed = info.mtime().time_since_epoch().count(),
            .isFolder = info.IsDirectory()};
}

class S3Store final : public FileStore {
public:
    S3Store(std::shared_ptr<arrow::fs::S3FileSystem> files, std::string peer)
        : m_files(std::move(files)), m_peer(std::move(peer)) {}

    Result<StoredFile> look(const std::string& path) override {
        // A pattern is no key: only listing tells what it matches.
        const auto info = m_files->GetFileInfo(path);
        if (!info.ok())
            return wrong(info.status(), path);
        if (info->type() == arrow::fs::FileType::NotFound)
            return fail(ErrorCode::NotFound, "There is no {}.", shown(path));
        return fileOf(*info);
    }

    Result<std::vector<StoredFile>> list(const std::string& folder, std::size_t depth,
                                         const std::stop_token& stop) override {
        arrow::fs::FileSelector selector;
        selector.base_dir = folder;
        selector.recursive = depth != 1;
        selector.max_recursion = depth == 0 ? kMostLevels : static_cast<int>(depth);
        const auto infos = m_files->GetFileInfo(selector);
        if (!infos.ok())
            return wrong(infos.status(), folder);
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", shown(folder));
        std::vector<StoredFile> files;
        for (const arrow::fs::FileInfo& info : *infos) {
            if (info.IsFile())
                files.push_back(fileOf(info));
        }
        if (files.size() > kMostFiles)
            return fail(ErrorCode::InvalidInput, "{} holds more than {} files.", shown(folder), kMostFiles);
        std::ranges::sort(files, {}, &StoredFile::path);
        return files;
    }

    Result<std::shared_ptr<arrow::io::RandomAccessFile>> open(const StoredFile& file) override {
        auto opened = m_files->OpenInputFile(file.path);
        if (!opened.ok())
            return wrong(opened.status(), file.path);
        return *std::move(opened);
    }

    std::size_t readAhead() const override { return kReadAhead; }
    std::string shown(const std::string& path) const override { return std::string(kScheme) + path; }

private:
    Error wrong(const arrow::Status& status, const std::string& path) const {
        Error error = arrowError(status, shown(path));
        error.where = m_peer;
        return error;
    }

    std::shared_ptr<arrow::fs::S3FileSystem> m_files;
    std::string m_peer;
};

Result<arrow::fs::S3Options> optionsOf(const spec::FileSource& source) {
    arrow::fs::S3Options options = arrow::fs::S3Options::Anonymous();
    if (!source.accessKey.empty() || !source.secretKey.empty()) {
        const Secret access = TRY(source.accessKey.resolve());
        const Secret secret = TRY(source.secretKey.resolve());
        options = arrow::fs::S3Options::FromAccessKey(access.reveal(), secret.reveal());
    }
    options.region = source.region.empty() ? "us-east-1" : source.region;
    if (!source.endpoint.empty()) {
        const std::size_t scheme = source.endpoint.find("://");
        options.scheme = source.endpoint.substr(0, scheme);
        options.endpoint_override = source.endpoint.substr(scheme + 3);
        while (options.endpoint_override.ends_with('/'))
            options.endpoint_override.pop_back();
    }
    return options;
}

} // namespace

bool isS3(std::string_view path) {
    return path.starts_with(kScheme);
}

std::string pathInStore(std::string_view path) {
    return std::string(path.substr(kScheme.size()));
}

Result<std::unique_ptr<FileStore>> makeS3Store(const spec::FileSource& source, std::chrono::milliseconds firstDelay) {
    if (!source.endpoint.empty() && !source.endpoint.starts_with("http://") && !source.endpoint.starts_with("https://"))
        return fail(ErrorCode::InvalidInput, "The S3 endpoint \"{}\" must begin with http:// or https://.",
                    source.endpoint);
    if (const arrow::Status status = initializeOnce(); !status.ok())
        return arrowError(status, source.path);
    arrow::fs::S3Options options = TRY(optionsOf(source));
    options.connect_timeout = kConnectSeconds;
    options.request_timeout = kRequestSeconds;
    options.retry_strategy = std::make_shared<BoundedRetries>(firstDelay);
    auto files = arrow::fs::S3FileSystem::Make(options);
    finalizeAtExit();
    if (!files.ok())
        return arrowError(files.status(), source.path);
    return std::make_unique<S3Store>(*std::move(files),
                                     source.endpoint.empty() ? options.region : options.endpoint_override);
}

} // namespace perch::data
