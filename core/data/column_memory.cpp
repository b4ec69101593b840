#include "core/data/column_memory.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/nameless_file.h"

#include <new>
#include <sys/mman.h>

namespace perch::data {

namespace {

/// Smaller pieces are not worth a file.
constexpr std::size_t kSmallestFile = std::size_t{1} << 20;

} // namespace

ColumnMemory::ColumnMemory(std::filesystem::path folder, std::size_t inMemory)
    : m_folder(std::move(folder)), m_inMemory(inMemory) {}

ColumnMemory::~ColumnMemory() {
    for (const auto& [place, bytes] : m_mapped)
        ::munmap(const_cast<void*>(place), bytes);
}

void* ColumnMemory::allocate(std::size_t bytes) {
    const std::lock_guard lock(m_mutex);
    if (bytes < kSmallestFile || m_onHeap + bytes <= m_inMemory) {
        void* place = ::operator new(bytes);
        m_onHeap += bytes;
        return place;
    }
    const Result<void*> place = mapFile(bytes);
    if (!place) {
        log::warning("data", "A table finds no room: {}", place.error().message);
        throw std::bad_alloc();
    }
    m_mapped[*place] = bytes;
    return *place;
}

void ColumnMemory::deallocate(void* place, std::size_t bytes) noexcept {
    const std::lock_guard lock(m_mutex);
    if (const auto mapped = m_mapped.find(place); mapped != m_mapped.end()) {
        ::munmap(place, mapped->second);
        m_mapped.erase(mapped);
        return;
    }
    ::operator delete(place);
    m_onHeap -= bytes;
}

void ColumnMemory::release(const void* place) const noexcept {
    const std::lock_guard lock(m_mutex);
    if (const auto mapped = m_mapped.find(place); mapped != m_mapped.end())
        ::madvise(const_cast<void*>(place), mapped->second, MADV_DONTNEED); // of a shared file: nothing is lost
}

Result<void*> ColumnMemory::mapFile(std::size_t bytes) const {
    const NamelessFile file = TRY(NamelessFile::create(m_folder));
    TRY(file.reserve(bytes)); // a disk that is full while a page is written would end the process
    void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor(), 0);
    if (place == MAP_FAILED)
        return fileError(m_folder, "map a file in");
    return place;
}

} // namespace perch::data
