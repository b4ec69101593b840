#pragma once

#include "core/data/build/huge_pages.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// Numbers the different texts of a key 0, 1, 2... in the order they come; two keys are the same only if all their bytes
/// are. Memory: 21 to 43 bytes for each key, and the bytes of those longer than 11: a shorter one lies in its slot, so
/// that looking it up is one access to memory. Not thread-safe while keys are added.
class KeyIndex {
public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    KeyIndex();
    /// The number of the key, a new one if it was not seen.
    std::uint32_t add(std::string_view key);
    std::optional<std::uint32_t> find(std::string_view key) const;
    /// The same for many keys, several times as fast, because they wait for memory together.
    void add(std::span<const std::string_view> keys);
    /// The number of each key, kNone for one that was not seen.
    std::vector<std::uint32_t> find(std::span<const std::string_view> keys) const;
    /// Every key with its number, in no particular order; a key is valid during the call.
    void forEach(const std::function<void(std::string_view key, std::uint32_t number)>& visit) const;
    std::size_t size() const { return m_size; }
    std::size_t bytes() const { return m_long.capacity() + m_slots.size() * sizeof(Slot); } ///< of memory

private:
    /// A key of up to 11 bytes is in `low` and `high`, its length in the last byte. Of a longer one `low` holds the place
    /// in m_long and above it a part of the hash, `high` the other part below the mark kLong.
    struct Slot {
        std::uint64_t low = 0;
        std::uint32_t high = 0;
        std::uint32_t number = 0; ///< 1 more than the key's; 0: free
    };
    static Slot slotFor(std::string_view key);
    static std::uint64_t hashOf(const Slot& slot);
    bool holds(const Slot& slot, const Slot& wanted, std::string_view key) const;
    std::string_view longKey(const Slot& slot) const;
    std::size_t placeOf(const Slot& wanted, std::string_view key) const;
    void fetch(std::span<const std::string_view> keys, std::size_t at) const;
    void grow();

    std::size_t m_size = 0;
    std::string m_long;                         ///< the long keys, each behind its length
    std::vector<Slot, HugePages<Slot>> m_slots; ///< a power of two, at most three quarters full
};

} // namespace perch::data
