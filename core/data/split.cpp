#include "core/data/split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

namespace perch::data {

namespace {

/// NumPy's RandomState for an integer seed, as far as a split needs it: the Mersenne Twister is the same in the
/// standard library, the draws from it are NumPy's own.
class NumpyRandom {
public:
    explicit NumpyRandom(std::uint64_t seed) : m_engine(static_cast<std::uint32_t>(seed)) {}

    /// `permutation(n)` applied to the values.
    template <typename T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i-- > 1;)
            std::swap(values[i], values[upTo(static_cast<std::uint32_t>(i))]);
    }

private:
    /// In [0, max], by masked rejection.
    std::uint32_t upTo(std::uint32_t max) {
        std::uint32_t mask = max;
        for (int shift = 1; shift <= 16; shift *= 2)
            mask |= mask >> shift;
        std::uint32_t value = static_cast<std::uint32_t>(m_engine()) & mask;
        while (value > max)
            value = static_cast<std::uint32_t>(m_engine()) & mask;
        return value;
    }

    std::mt19937 m_engine;
};

using Counts = std::vector<std::size_t>;

/// Draws shared out over classes in proportion to their sizes, the largest remainders first, ties at random:
/// scikit-learn's rule.
Counts shareOut(const Counts& sizes, std::size_t draws, NumpyRandom& random) {
    const auto total = static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
    Counts counts;
    std::map<double, Counts, std::greater<>> byRemainder;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const double exact = static_cast<double>(sizes[i]) / total * static_cast<double>(draws);
        counts.push_back(static_cast<std::size_t>(std::floor(exact)));
        byRemainder[exact - std::floor(exact)].push_back(i);
    }
    std::size_t left = draws - std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    for (auto& [ignored, classes] : byRemainder) {
        if (left == 0)
            break;
        random.shuffle(classes);
        const std::size_t chosen = std::min(left, classes.size());
        for (std::size_t i = 0; i < chosen; ++i)
            ++counts[classes[i]];
        left -= chosen;
    }
    return counts;
}

} // namespace

Rows allRows(std::size_t count) {
    Rows rows(count);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

Split stratifiedSplit(const Rows& rows, std::span<const std::uint8_t> classOf, double share, std::uint64_t seed) {
    std::vector<Rows> byClass(std::numeric_limits<std::uint8_t>::max() + 1);
    for (const std::uint32_t row : rows)
        byClass[classOf[row]].push_back(row);
    std::erase_if(byClass, [](const Rows& members) { return members.empty(); });
    Counts sizes;
    for (const Rows& members : byClass)
        sizes.push_back(members.size());
    NumpyRandom random(seed);
    const auto cut = static_cast<std::size_t>(std::ceil(share * static_cast<double>(rows.size())));
    const Counts keptCounts = shareOut(sizes, rows.size() - std::min(cut, rows.size()), random);
    for (std::size_t i = 0; i < sizes.size(); ++i)
        sizes[i] -= keptCounts[i];
    // What is not kept is cut: this sharing out changes nothing but the state of the generator, as in scikit-learn.
    (void)shareOut(sizes, std::min(cut, rows.size()), random);

    std::vector<bool> isKept(rows.empty() ? 0 : std::size_t{rows.back()} + 1);
    std::size_t index = 0;
    for (Rows& members : byClass) {
        random.shuffle(members);
        std::size_t kept = keptCounts[index++];
        if (members.size() >= 2)
            kept = std::clamp<std::size_t>(kept, 1, members.size() - 1);
        for (std::size_t i = 0; i < kept; ++i)
            isKept[members[i]] = true;
    }
    Split split;
    for (const std::uint32_t row : rows)
        (isKept[row] ? split.kept : split.cut).push_back(row);
    return split;
}

} // namespace perch::data
