#include "core/data/split.h"

#include "core/data/seeded_random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace perch::data {

Rows allRows(std::size_t count) {
    Rows rows(count);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

Split stratifiedSplit(const Rows& rows, std::span<const std::uint8_t> classOf, double share, std::uint64_t seed) {
    std::map<std::uint8_t, Rows> byClass;
    for (const std::uint32_t row : rows)
        byClass[classOf[row]].push_back(row);
    SeededRandom random(seed);
    Split split;
    for (auto& [ignored, members] : byClass) {
        random.shuffle(std::span(members));
        auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(members.size())));
        if (members.size() >= 2)
            count = std::clamp<std::size_t>(count, 1, members.size() - 1);
        const auto border = members.begin() + static_cast<std::ptrdiff_t>(count);
        split.cut.insert(split.cut.end(), members.begin(), border);
        split.kept.insert(split.kept.end(), border, members.end());
    }
    std::sort(split.cut.begin(), split.cut.end());
    std::sort(split.kept.begin(), split.kept.end());
    return split;
}

} // namespace perch::data
