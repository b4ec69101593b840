#pragma once

#include "core/data/build/cell_parser.h"
#include "core/data/build/key_index.h"
#include "core/spec/build_spec.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// Chooses one row for each key: the one with the newest time, of equal ones the last; a row without a time is older
/// than any with one. A row that misses a part of its key is nobody's duplicate. Memory: the key's bytes and about
/// 40 more for each different key, however many rows there are.
class Deduplicator {
public:
    explicit Deduplicator(const spec::DeduplicateSpec& spec) : m_spec(&spec) {}

    bool active() const { return !m_spec->by.empty(); }
    /// A row, counted from 0; the parts of its key in the order of `by`.
    void learn(std::uint64_t row, std::span<const std::optional<std::string_view>> key, std::optional<Micros> time);
    /// Whether the row of this key stays, once all rows are learned.
    bool stays(std::uint64_t row, std::span<const std::optional<std::string_view>> key);

private:
    struct Winner {
        Micros time;
        std::uint64_t row;
    };
    /// False if a part is missing; else m_key holds the parts in one text.
    bool join(std::span<const std::optional<std::string_view>> key);

    const spec::DeduplicateSpec* m_spec;
    std::string m_key;
    KeyIndex m_keys;
    std::vector<Winner> m_winners;
};

} // namespace perch::data
