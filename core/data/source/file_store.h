#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace arrow::io {
class RandomAccessFile;
}

namespace perch::data {

/// More files than this in one source are refused.
constexpr std::size_t kMostFiles = 100'000;

struct StoredFile {
    std::string path;
    std::uint64_t size = 0;
    std::int64_t changed = 0; ///< when, in nanoseconds since the epoch
    bool isFolder = false;
};

/// Where files are: this machine, or an S3 store. Errors name the path: NotFound, Denied, Unavailable.
class FileStore {
public:
    virtual ~FileStore() = default;
    virtual Result<StoredFile> look(const std::string& path) = 0;
    /// The files below a folder, in the order of their paths; `depth` is how many levels, 0 for all. At most
    /// `kMostFiles`, more are InvalidInput.
    virtual Result<std::vector<StoredFile>> list(const std::string& folder, std::size_t depth,
                                                 const std::stop_token& stop) = 0;
    virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> open(const StoredFile& file) = 0;
    /// Bytes worth asking for at once when a file is read from front to back; 0: as many as are used.
    virtual std::size_t readAhead() const { return 0; }
    virtual std::string shown(const std::string& path) const = 0; ///< as the person would write it
};

std::unique_ptr<FileStore> makeLocalStore();

} // namespace perch::data
