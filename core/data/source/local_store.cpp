#include "core/base/file.h"
#include "core/data/source/arrow_error.h"
#include "core/data/source/file_store.h"

#include <arrow/io/file.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace perch::data {

namespace {

class LocalStore final : public FileStore {
public:
    Result<StoredFile> look(const std::string& path) override {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0)
            return fileError(path, "read");
        // A pipe would wait for its writer and cannot be read twice.
        if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
            return fail(ErrorCode::InvalidInput, "{} is a pipe or socket; tables are read from files.", path);
        return StoredFile{.path = path,
                          .size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0,
                          .changed = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                          .isFolder = S_ISDIR(status.st_mode)};
    }

    Result<std::vector<StoredFile>> list(const std::string& folder, std::size_t depth,
                                         const std::stop_token& stop) override {
        std::vector<StoredFile> files;
        std::error_code code;
        auto entry = std::filesystem::recursive_directory_iterator(folder.empty() ? "." : folder, code);
        for (; !code && entry != std::filesystem::recursive_directory_iterator(); entry.increment(code)) {
            if (stop.stop_requested())
                return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", folder);
            if (depth > 0 && static_cast<std::size_t>(entry.depth()) + 1 >= depth)
                entry.disable_recursion_pending();
            std::error_code ignored;
            if (!entry->is_regular_file(ignored))
                continue;
            if (files.size() >= kMostFiles)
                return fail(ErrorCode::InvalidInput, "{} holds more than {} files.", folder, kMostFiles);
            std::string path = entry->path().string();
            if (folder.empty())
                path = path.substr(2); // "./"
            files.push_back(TRY(look(path)));
        }
        if (code)
            return fail(code == std::errc::permission_denied         ? ErrorCode::Denied
                        : code == std::errc::no_such_file_or_directory ? ErrorCode::NotFound
                                                                       : ErrorCode::Unavailable,
                        "Cannot read {}: {}.", folder.empty() ? "." : folder, code.message());
        std::ranges::sort(files, {}, &StoredFile::path);
        return files;
    }

    Result<std::shared_ptr<arrow::io::RandomAccessFile>> open(const StoredFile& file) override {
        const int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            return fileError(file.path, "read");
        auto opened = arrow::io::ReadableFile::Open(descriptor); // owns the descriptor
        if (!opened.ok())
            return arrowError(opened.status(), file.path);
        return std::shared_ptr<arrow::io::RandomAccessFile>(*opened);
    }

    std::string shown(const std::string& path) const override { return path; }
};

} // namespace

std::unique_ptr<FileStore> makeLocalStore() {
    return std::make_unique<LocalStore>();
}

} // namespace perch::data
