#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace perch::data {

/// Which identifiers have come already: eight bytes of each one's SHA-256, in an open table that is at most two thirds
/// full, so ten million take 128 MiB and two of them are mistaken for one with a chance of less than one in 300,000.
class SeenIds {
public:
    SeenIds() : m_slots(1'024) {}
    /// False if it has come before.
    bool add(std::string_view id);

private:
    bool place(std::uint64_t mark);
    std::vector<std::uint64_t> m_slots; ///< 0: free
    std::size_t m_count = 0;
};

} // namespace perch::data
