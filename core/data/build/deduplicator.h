#pragma once

#include "core/data/build/cell_parser.h"
#include "core/data/build/key_index.h"
#include "core/data/build/partition_file.h"
#include "core/spec/build_spec.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// Chooses one row for each key: the one with the newest time, of equal ones the last; a row without a time is older
/// than any with one. A row that misses a part of its key is nobody's duplicate. Memory: one bit for each row, and up to
/// a bound the key's bytes and about 40 more for each different key; beyond the bound the keys of all rows lie in a
/// file, of which one partition at a time is looked at.
class Deduplicator {
public:
    /// `folder` takes the file, `inMemory` is the bound in bytes.
    Deduplicator(const spec::DeduplicateSpec& spec, std::filesystem::path folder, std::size_t inMemory)
        : m_spec(&spec), m_folder(std::move(folder)), m_inMemory(inMemory) {}

    bool active() const { return !m_spec->by.empty(); }
    /// The next row; the parts of its key in the order of `by`. Unavailable if the disk is full.
    Result<void> learn(std::span<const std::optional<std::string_view>> key, std::optional<Micros> time);
    /// Once all rows are learned.
    Result<void> finish();
    /// Whether the row stays, counted from 0.
    bool stays(std::uint64_t row) const { return m_stays[row]; }

private:
    struct Winner {
        Micros time;
        std::uint64_t row;
    };
    /// The newest row of each of some keys.
    struct Winners {
        KeyIndex keys;
        std::vector<Winner> rows; ///< per key
        void challenge(std::string_view key, Winner challenger);
    };
    /// False if a part is missing; else m_key holds the parts in one text.
    bool join(std::span<const std::optional<std::string_view>> key);
    Result<void> spill();
    Result<void> append(std::string_view key, Winner row);
    void keep(const Winners& winners);

    const spec::DeduplicateSpec* m_spec;
    std::filesystem::path m_folder;
    std::size_t m_inMemory;
    std::string m_key, m_record;
    Winners m_winners;
    std::optional<PartitionFile> m_file;
    std::vector<bool> m_stays;
};

} // namespace perch::data
