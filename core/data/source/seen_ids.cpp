#include "core/data/source/seen_ids.h"

#include "core/base/digest.h"

#include <charconv>

namespace perch::data {

bool SeenIds::place(std::uint64_t mark) {
    std::size_t slot = mark & (m_slots.size() - 1);
    for (; m_slots[slot] != 0; slot = (slot + 1) & (m_slots.size() - 1)) {
        if (m_slots[slot] == mark)
            return false;
    }
    m_slots[slot] = mark;
    ++m_count;
    return true;
}

bool SeenIds::add(std::string_view id) {
    const Digest digest = sha256(id);
    std::uint64_t mark = 0;
    std::from_chars(digest.hex().data(), digest.hex().data() + 16, mark, 16);
    const bool isNew = place(mark == 0 ? 1 : mark);
    if (m_count * 3 > m_slots.size() * 2) {
        const std::vector<std::uint64_t> old = std::exchange(m_slots, std::vector<std::uint64_t>(m_slots.size() * 2));
        m_count = 0;
        for (const std::uint64_t known : old) {
            if (known != 0)
                place(known);
        }
    }
    return isNew;
}

} // namespace perch::data
