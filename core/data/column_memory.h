#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>

namespace perch::data {

/// So many bytes of the columns of one table lie on the heap; what comes beyond lies in files.
inline constexpr std::size_t kTableInMemory = std::size_t{64} << 20;

/// Where the columns of one table lie, so that a table may be larger than the memory of the machine: up to a bound on
/// the heap, beyond it in files without a name, which the kernel writes out and takes back as it needs and which are
/// gone with the process, however it ends. Throws std::bad_alloc if neither memory nor disk has room. Safe from any
/// thread.
class ColumnMemory {
public:
    /// An empty folder is the system's for temporary files.
    ColumnMemory(std::filesystem::path folder, std::size_t inMemory);
    ~ColumnMemory();
    ColumnMemory(const ColumnMemory&) = delete;
    ColumnMemory& operator=(const ColumnMemory&) = delete;

    void* allocate(std::size_t bytes);
    void deallocate(void* place, std::size_t bytes) noexcept;
    /// The process lets go of what it holds of a file; whoever touches it next gets it back. Nothing for the heap.
    void release(const void* place) const noexcept;

private:
    Result<void*> mapFile(std::size_t bytes) const;

    std::filesystem::path m_folder;
    std::size_t m_inMemory;
    mutable std::mutex m_mutex;
    std::size_t m_onHeap = 0;
    std::map<const void*, std::size_t> m_mapped; ///< bytes by where they begin
};

} // namespace perch::data
