#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace perch {

/// A file that no name leads to: it goes with its last descriptor, however the process ends. Positions are in bytes.
/// Safe from several threads.
class NamelessFile {
public:
    /// In a folder; empty: the system's for temporary files. NotFound, Denied, Unavailable.
    static Result<NamelessFile> create(std::filesystem::path folder = {});
    NamelessFile(NamelessFile&& other) noexcept
        : m_folder(std::move(other.m_folder)), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    NamelessFile& operator=(NamelessFile&& other) noexcept;
    ~NamelessFile();

    int descriptor() const { return m_descriptor; }
    /// Takes the room on the disk; Unavailable if there is none.
    Result<void> reserve(std::size_t bytes) const;
    /// All of it; Unavailable if the disk is full.
    Result<void> write(std::uint64_t position, const char* bytes, std::size_t count) const;
    /// All of it; Unavailable if the file ends before.
    Result<void> read(std::uint64_t position, char* out, std::size_t count) const;

private:
    NamelessFile(std::filesystem::path folder, int descriptor)
        : m_folder(std::move(folder)), m_descriptor(descriptor) {}
    Error error(std::string_view verb, int number) const;

    std::filesystem::path m_folder;
    int m_descriptor;
};

} // namespace perch
