#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// Numbers the different texts of a key 0, 1, 2... in the order they come. Compact: the bytes of each key, and about 24
/// bytes beside them; two keys are the same only if all their bytes are. Not thread-safe while keys are added.
class KeyIndex {
public:
    KeyIndex();
    /// The number of the key, a new one if it was not seen.
    std::uint32_t add(std::string_view key);
    std::optional<std::uint32_t> find(std::string_view key) const;
    std::size_t size() const { return m_ends.size(); }
    std::size_t bytes() const { ///< of memory
        return m_bytes.capacity() + m_ends.capacity() * sizeof(std::uint64_t) + m_slots.size() * sizeof(Slot);
    }
    std::string_view key(std::uint32_t number) const;

private:
    struct Slot {
        std::uint32_t number = 0; ///< 1 more than the key's; 0: free
        std::uint32_t hash = 0;   ///< upper half, compared before the bytes are
    };
    std::size_t slotOf(std::string_view key, std::uint64_t hash) const;
    void grow();

    std::string m_bytes;
    std::vector<std::uint64_t> m_ends; ///< in m_bytes, per key
    std::vector<Slot> m_slots;         ///< a power of two, at most five eighths full
};

} // namespace perch::data
