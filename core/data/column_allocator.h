#pragma once

#include "core/data/column_memory.h"

#include <memory>
#include <new>

namespace perch::data {

/// The allocator of a column's vector; on the heap if no memory is given. A copy of a vector lies on the heap.
template <typename T>
class ColumnAllocator {
public:
    using value_type = T;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;
    using is_always_equal = std::false_type;

    ColumnAllocator() = default;
    explicit ColumnAllocator(std::shared_ptr<ColumnMemory> memory) : m_memory(std::move(memory)) {}
    template <typename U>
    ColumnAllocator(const ColumnAllocator<U>& other) : m_memory(other.memory()) {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        return static_cast<T*>(m_memory ? m_memory->allocate(bytes) : ::operator new(bytes));
    }
    void deallocate(T* place, std::size_t count) noexcept {
        if (m_memory)
            m_memory->deallocate(place, count * sizeof(T));
        else
            ::operator delete(place);
    }
    ColumnAllocator select_on_container_copy_construction() const { return {}; }
    const std::shared_ptr<ColumnMemory>& memory() const { return m_memory; }

    friend bool operator==(const ColumnAllocator& a, const ColumnAllocator& b) { return a.m_memory == b.m_memory; }

private:
    std::shared_ptr<ColumnMemory> m_memory;
};

} // namespace perch::data
