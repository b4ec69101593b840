#include "core/data/build/key_index.h"

#include <functional>

namespace perch::data {

namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t hashOf(std::string_view key) {
    return std::hash<std::string_view>()(key) * 0x9E3779B97F4A7C15U;
}

} // namespace

KeyIndex::KeyIndex() : m_slots(kFirstSlots) {}

std::string_view KeyIndex::key(std::uint32_t number) const {
    const std::uint64_t begin = number == 0 ? 0 : m_ends[number - 1];
    return std::string_view(m_bytes).substr(begin, m_ends[number] - begin);
}

/// The slot of the key, or the free one where it belongs.
std::size_t KeyIndex::slotOf(std::string_view key, std::uint64_t hash) const {
    const auto upper = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & (m_slots.size() - 1);; at = (at + 1) & (m_slots.size() - 1)) {
        const Slot& slot = m_slots[at];
        if (slot.number == 0 || (slot.hash == upper && this->key(slot.number - 1) == key))
            return at;
    }
}

std::optional<std::uint32_t> KeyIndex::find(std::string_view key) const {
    const Slot& slot = m_slots[slotOf(key, hashOf(key))];
    return slot.number == 0 ? std::nullopt : std::optional(slot.number - 1);
}

std::uint32_t KeyIndex::add(std::string_view key) {
    const std::uint64_t hash = hashOf(key);
    std::size_t at = slotOf(key, hash);
    if (m_slots[at].number != 0)
        return m_slots[at].number - 1;
    if ((m_ends.size() + 1) * 8 > m_slots.size() * 5) {
        grow();
        at = slotOf(key, hash);
    }
    m_bytes += key;
    m_ends.push_back(m_bytes.size());
    m_slots[at] = {static_cast<std::uint32_t>(m_ends.size()), static_cast<std::uint32_t>(hash >> 32)};
    return static_cast<std::uint32_t>(m_ends.size() - 1);
}

void KeyIndex::grow() {
    m_slots.assign(m_slots.size() * 2, Slot{});
    for (std::uint32_t number = 0; number < m_ends.size(); ++number) {
        const std::uint64_t hash = hashOf(key(number));
        m_slots[slotOf(key(number), hash)] = {number + 1, static_cast<std::uint32_t>(hash >> 32)};
    }
}

} // namespace perch::data
