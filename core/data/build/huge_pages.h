#pragma once

#include <cstddef>
#include <new>

#include <sys/mman.h>

namespace perch::data {

/// Memory for a large table that is looked at in random places: on pages of 2 MB, where the system has them, so that
/// finding a place costs one access to memory and not one for the page beside it.
template <typename T>
struct HugePages {
    using value_type = T;
    static constexpr std::size_t kPage = std::size_t{2} << 20;

    HugePages() = default;
    template <typename Other>
    explicit HugePages(const HugePages<Other>& /*other*/) {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        if (bytes < kPage)
            return static_cast<T*>(::operator new(bytes));
        void* memory = ::operator new((bytes + kPage - 1) / kPage * kPage, std::align_val_t(kPage));
        ::madvise(memory, bytes, MADV_HUGEPAGE); // without effect at worst
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) {
        if (count * sizeof(T) < kPage)
            ::operator delete(memory);
        else
            ::operator delete(memory, std::align_val_t(kPage));
    }
    bool operator==(const HugePages&) const = default;
};

} // namespace perch::data
