#pragma once

#include "core/base/nameless_file.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// Records cut into partitions: they are appended to any of them, then each is read from front to back, in order. Up to
/// a bound in bytes they stay in memory; beyond it all lie in one file without a name, so that nothing of it stays
/// behind however a build ends. Memory beside that: one buffer of 64 KiB for each partition while it is written, and for
/// each reader. One thread while it is written.
class PartitionFile {
public:
    static constexpr std::size_t kPartitions = 64;

    /// The folder takes the file.
    PartitionFile(std::filesystem::path folder, std::size_t inMemory);

    /// Unavailable if the disk is full.
    Result<void> append(std::size_t partition, std::string_view record);
    /// Once all records are there.
    Result<void> finish();
    bool inFile() const { return m_file.has_value(); }
    /// Forgets a partition that nobody reads any more.
    void drop(std::size_t partition) { m_chunks[partition] = {}; }

    /// The records of a partition. Readers keep a reference to the file; each may be on a thread of its own.
    class Reader {
    public:
        Reader(const PartitionFile& file, std::size_t partition) : m_file(&file), m_partition(partition) {}
        /// Whole records, as many as lie together; empty at the end. Valid until the next call.
        Result<std::string_view> next();

    private:
        const PartitionFile* m_file;
        std::size_t m_partition;
        std::size_t m_next = 0;
        std::string m_bytes;
    };

private:
    struct Chunk {
        std::string held; ///< empty: in the file
        std::uint64_t position = 0;
        std::size_t bytes = 0;
    };
    Result<void> flush(std::size_t partition);
    Result<void> moveToFile();
    Result<void> write(Chunk& chunk, std::string_view bytes);

    std::filesystem::path m_folder;
    std::size_t m_inMemory, m_held = 0;
    std::optional<NamelessFile> m_file;
    std::uint64_t m_end = 0; ///< of the file
    std::vector<std::string> m_buffers;
    std::vector<std::vector<Chunk>> m_chunks;
};

/// Appends the bytes of a plain value to a record.
template <typename T>
void putValue(std::string& record, const T& value) {
    record.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes a plain value from the front of a record.
template <typename T>
T takeValue(std::string_view& record) {
    T value;
    std::memcpy(&value, record.data(), sizeof value);
    record.remove_prefix(sizeof value);
    return value;
}

} // namespace perch::data
