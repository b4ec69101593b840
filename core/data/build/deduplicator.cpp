#include "core/data/build/deduplicator.h"

#include <limits>

namespace perch::data {

bool Deduplicator::join(std::span<const std::optional<std::string_view>> key) {
    m_key.clear();
    for (const std::optional<std::string_view>& part : key) {
        if (!part || trimmedCell(*part).empty())
            return false;
        const std::string_view text = trimmedCell(*part);
        m_key += std::to_string(text.size()) + ':'; // so that "a" "bc" is not "ab" "c"
        for (const char c : text)
            m_key += m_spec->ignoreCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return true;
}

void Deduplicator::learn(std::uint64_t row, std::span<const std::optional<std::string_view>> key,
                         std::optional<Micros> time) {
    if (!join(key))
        return;
    const std::uint32_t number = m_keys.add(m_key);
    const Winner challenger{time.value_or(std::numeric_limits<Micros>::min()), row};
    if (number == m_winners.size())
        m_winners.push_back(challenger);
    else if (challenger.time >= m_winners[number].time)
        m_winners[number] = challenger;
}

bool Deduplicator::stays(std::uint64_t row, std::span<const std::optional<std::string_view>> key) {
    if (!join(key))
        return true;
    const std::optional<std::uint32_t> number = m_keys.find(m_key);
    return !number || m_winners[*number].row == row;
}

} // namespace perch::data
