#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace perch {

/// An error that names the file and the system's reason (from errno): `Cannot read /x: No such file or directory.`
/// NotFound, Denied, or Unavailable for a full disk and other I/O errors.
Error fileError(const std::filesystem::path& file, std::string_view verb);

/// The whole file; InvalidInput if it is larger than `limit` bytes, or a pipe, for which it does not wait.
Result<std::string> readFile(const std::filesystem::path& file, std::size_t limit = std::size_t{1} << 30);

/// Replaces a file in one step: writes a sibling, syncs it, renames it over, syncs the folder.
/// On failure the old file is untouched and nothing is left behind. New files have mode 0600.
Result<void> writeFileAtomically(const std::filesystem::path& file, std::string_view bytes);

/// Creates a folder and its parents; the last one has mode 0700.
Result<void> makePrivateFolder(const std::filesystem::path& folder);

/// Syncs a file or folder to disk.
Result<void> syncPath(const std::filesystem::path& path);

/// A folder that is removed with everything in it when the object goes.
class TemporaryFolder {
public:
    /// Creates `<parent>/<prefix>XXXXXX`; without a parent the system's folder for temporary files.
    static Result<TemporaryFolder> create(std::string_view prefix, const std::filesystem::path& parent = {});
    TemporaryFolder(TemporaryFolder&& other) noexcept;
    TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return m_path; }
    /// Keeps the folder; the caller owns it now.
    std::filesystem::path release();

private:
    explicit TemporaryFolder(std::filesystem::path path) : m_path(std::move(path)) {}
    std::filesystem::path m_path;
};

/// An exclusive advisory lock (flock) on a file, released when the object goes or its process dies.
class FileLock {
public:
    /// Conflict at once if another process holds it.
    static Result<FileLock> acquire(const std::filesystem::path& file);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor = -1;
};

} // namespace perch
