#include "core/data/build/deduplicator.h"

#include <functional>
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

void Deduplicator::Winners::challenge(std::string_view key, Winner challenger) {
    const std::uint32_t number = keys.add(key);
    if (number == rows.size())
        rows.push_back(challenger);
    else if (challenger.time >= rows[number].time)
        rows[number] = challenger;
}

Result<void> Deduplicator::learn(std::span<const std::optional<std::string_view>> key, std::optional<Micros> time) {
    const Winner row{time.value_or(std::numeric_limits<Micros>::min()), m_stays.size()};
    const bool complete = join(key);
    m_stays.push_back(!complete);
    if (!complete)
        return {};
    if (m_file)
        return append(m_key, row);
    m_winners.challenge(m_key, row);
    return m_winners.keys.bytes() + m_winners.rows.size() * sizeof(Winner) > m_inMemory ? spill() : Result<void>();
}

/// The winners so far go first: of a key, none of the rows to come is before them.
Result<void> Deduplicator::spill() {
    m_file.emplace(m_folder, 0);
    Result<void> appended;
    m_winners.keys.forEach([&](std::string_view key, std::uint32_t number) {
        if (appended)
            appended = append(key, m_winners.rows[number]);
    });
    m_winners = {};
    return appended;
}

Result<void> Deduplicator::append(std::string_view key, Winner row) {
    m_record.clear();
    putValue(m_record, row);
    putValue(m_record, static_cast<std::uint32_t>(key.size()));
    m_record += key;
    return m_file->append(std::hash<std::string_view>()(key) % PartitionFile::kPartitions, m_record);
}

void Deduplicator::keep(const Winners& winners) {
    for (const Winner& winner : winners.rows)
        m_stays[winner.row] = true;
}

Result<void> Deduplicator::finish() {
    keep(m_winners);
    m_winners = {};
    if (!m_file)
        return {};
    TRY(m_file->finish());
    for (std::size_t partition = 0; partition < PartitionFile::kPartitions; ++partition) {
        Winners winners;
        PartitionFile::Reader reader(*m_file, partition);
        for (;;) {
            std::string_view records = TRY(reader.next());
            if (records.empty())
                break;
            while (!records.empty()) {
                const auto row = takeValue<Winner>(records);
                const auto size = takeValue<std::uint32_t>(records);
                winners.challenge(records.substr(0, size), row);
                records.remove_prefix(size);
            }
        }
        keep(winners);
    }
    m_file.reset();
    return {};
}

} // namespace perch::data
