#include "core/data/build/key_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace perch::data {

namespace {

constexpr std::size_t kFirstSlots = 1024;
constexpr std::size_t kLongestInSlot = 11;
constexpr std::uint32_t kLong = 0xFF; ///< in the last byte, where a short key has its length
constexpr unsigned kPlaceBits = 40;
constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;
constexpr std::uint32_t kHashInHigh = 0xFF'FFFF;
constexpr std::size_t kAhead = 16; ///< keys whose slots are on their way from memory
static_assert(std::endian::native == std::endian::little, "a short key's last byte is the highest one of its slot");

bool isLong(std::uint32_t high) {
    return high >> 24 == kLong;
}

} // namespace

KeyIndex::KeyIndex() : m_slots(kFirstSlots) {}

/// As the key's slot looks, but for its number and place.
KeyIndex::Slot KeyIndex::slotFor(std::string_view key) {
    Slot slot;
    if (key.size() > kLongestInSlot) {
        const std::uint64_t hash = std::hash<std::string_view>()(key);
        slot.low = hash << kPlaceBits;
        slot.high = kLong << 24 | static_cast<std::uint32_t>(hash >> 40);
        return slot;
    }
    std::array<char, kLongestInSlot + 1> bytes{};
    if (!key.empty())
        std::memcpy(bytes.data(), key.data(), key.size());
    std::memcpy(&slot.low, bytes.data(), sizeof slot.low);
    std::memcpy(&slot.high, bytes.data() + sizeof slot.low, sizeof slot.high);
    slot.high = (slot.high & kHashInHigh) | static_cast<std::uint32_t>(key.size()) << 24;
    return slot;
}

/// Depends on the key alone, not on its place. Steps of MurmurHash3's finalizer.
std::uint64_t KeyIndex::hashOf(const Slot& slot) {
    std::uint64_t hash = isLong(slot.high) ? slot.low & ~kPlaceMask : slot.low;
    hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCDU + slot.high;
    hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53U;
    return hash ^ hash >> 33;
}

std::string_view KeyIndex::longKey(const Slot& slot) const {
    std::uint32_t size = 0;
    const char* at = m_long.data() + (slot.low & kPlaceMask);
    std::memcpy(&size, at, sizeof size);
    return {at + sizeof size, size};
}

bool KeyIndex::holds(const Slot& slot, const Slot& wanted, std::string_view key) const {
    if (slot.high != wanted.high)
        return false;
    if (!isLong(wanted.high))
        return slot.low == wanted.low;
    return ((slot.low ^ wanted.low) & ~kPlaceMask) == 0 && longKey(slot) == key;
}

/// The slot of the key, or the free one where it belongs.
std::size_t KeyIndex::placeOf(const Slot& wanted, std::string_view key) const {
    for (std::size_t at = hashOf(wanted) & (m_slots.size() - 1);; at = (at + 1) & (m_slots.size() - 1)) {
        if (m_slots[at].number == 0 || holds(m_slots[at], wanted, key))
            return at;
    }
}

std::optional<std::uint32_t> KeyIndex::find(std::string_view key) const {
    const Slot& slot = m_slots[placeOf(slotFor(key), key)];
    return slot.number == 0 ? std::nullopt : std::optional(slot.number - 1);
}

/// Has the slot of a key that comes soon brought from memory.
void KeyIndex::fetch(std::span<const std::string_view> keys, std::size_t at) const {
    if (at + kAhead < keys.size())
        __builtin_prefetch(&m_slots[hashOf(slotFor(keys[at + kAhead])) & (m_slots.size() - 1)]);
}

std::vector<std::uint32_t> KeyIndex::find(std::span<const std::string_view> keys) const {
    std::vector<std::uint32_t> numbers(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        fetch(keys, i);
        numbers[i] = m_slots[placeOf(slotFor(keys[i]), keys[i])].number - 1; // a free one: kNone
    }
    return numbers;
}

void KeyIndex::add(std::span<const std::string_view> keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        fetch(keys, i);
        add(keys[i]);
    }
}

std::uint32_t KeyIndex::add(std::string_view key) {
    Slot wanted = slotFor(key);
    std::size_t at = placeOf(wanted, key);
    if (m_slots[at].number != 0)
        return m_slots[at].number - 1;
    if ((m_size + 1) * 4 > m_slots.size() * 3) {
        grow();
        at = placeOf(wanted, key);
    }
    if (isLong(wanted.high)) {
        wanted.low |= m_long.size();
        const auto size = static_cast<std::uint32_t>(key.size());
        m_long.append(reinterpret_cast<const char*>(&size), sizeof size);
        m_long += key;
    }
    wanted.number = static_cast<std::uint32_t>(++m_size);
    m_slots[at] = wanted;
    return wanted.number - 1;
}

void KeyIndex::grow() {
    const auto slots = std::exchange(m_slots, decltype(m_slots)(m_slots.size() * 2));
    for (const Slot& slot : slots) {
        if (slot.number == 0)
            continue;
        std::size_t at = hashOf(slot) & (m_slots.size() - 1);
        while (m_slots[at].number != 0) // no key is there twice
            at = (at + 1) & (m_slots.size() - 1);
        m_slots[at] = slot;
    }
}

void KeyIndex::forEach(const std::function<void(std::string_view key, std::uint32_t number)>& visit) const {
    for (const Slot& slot : m_slots) {
        if (slot.number == 0)
            continue;
        std::array<char, kLongestInSlot + 1> bytes;
        std::memcpy(bytes.data(), &slot.low, sizeof slot.low);
        std::memcpy(bytes.data() + sizeof slot.low, &slot.high, sizeof slot.high);
        visit(isLong(slot.high) ? longKey(slot) : std::string_view(bytes.data(), slot.high >> 24), slot.number - 1);
    }
}

} // namespace perch::data
