#include "core/model/predict/leaf_sieve.h"

#include <algorithm>
#include <bit>
#include <map>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace perch::model {

namespace {

constexpr std::size_t kMostLeaves = 32; // a bit for each
constexpr std::size_t kMostWords = 4;   // of a set of categories; larger ones are looked up faster

bool canSift() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}

} // namespace

/// Turns the nodes of one tree into splits and leaves.
class LeafSieve::Planting {
public:
    explicit Planting(const TreeEnsemble& ensemble) : m_ensemble(ensemble) {}

    Tree plant(std::uint32_t root) {
        m_tree = {};
        return grow(root) ? std::move(m_tree) : Tree();
    }
    std::vector<std::uint32_t> features() const {
        std::vector<std::uint32_t> features(m_columns.size());
        for (const auto& [feature, column] : m_columns)
            features[column] = feature;
        return features;
    }

private:
    /// False if the tree is not for the sieve.
    bool grow(std::uint32_t position) {
        const TreeNode& node = m_ensemble.nodes[position];
        if ((node.feature & TreeNode::kSplit) == 0) {
            m_tree.leaves.push_back(node.threshold);
            return m_tree.leaves.size() <= kMostLeaves;
        }
        const std::size_t first = m_tree.leaves.size();
        if (!grow(node.left))
            return false;
        const std::size_t end = m_tree.leaves.size();
        if (end == kMostLeaves) // there is one on the right, too
            return false;
        const std::uint32_t onItsLeft = (1U << end) - (1U << first);
        return addSplit(node, onItsLeft) && grow(node.left + 1);
    }

    bool addSplit(const TreeNode& node, std::uint32_t onItsLeft) {
        const auto column = static_cast<std::uint32_t>(m_columns.size());
        const std::uint32_t at = m_columns.emplace(node.feature & TreeNode::kFeature, column).first->second;
        const bool missingRight = (node.feature & TreeNode::kMissingRight) != 0;
        if ((node.feature & TreeNode::kCategory) == 0) {
            (missingRight ? m_tree.missingRight : m_tree.missingLeft).push_back({node.threshold, at, onItsLeft});
            return true;
        }
        const std::size_t words = (std::size_t{std::bit_cast<std::uint32_t>(node.threshold)} + 31) / 32;
        if (words > kMostWords)
            return false;
        for (std::uint32_t word = 0; word < words; ++word)
            m_tree.categories.push_back({m_ensemble.words[node.words + word], word * 32, at, onItsLeft});
        if (missingRight)
            m_tree.missingCategories.push_back({0, at, onItsLeft});
        return true;
    }

    const TreeEnsemble& m_ensemble;
    std::map<std::uint32_t, std::uint32_t> m_columns; ///< by feature
    Tree m_tree;
};

#if defined(__x86_64__)

/// The leaves that the rows of a block keep: a bit for each leaf, and 32 bits for each row.
struct LeafSieve::Kernel {
    static constexpr std::size_t kLanes = 8, kGroups = kRows / kLanes;
    __m256i kept[kGroups];

    /// Takes `leaves` from the rows of a group whose mask `right` is set.
    [[gnu::target("avx2"), gnu::always_inline]] void take(std::size_t group, __m256i right, __m256i leaves) {
        kept[group] = _mm256_andnot_si256(_mm256_and_si256(right, leaves), kept[group]);
    }

    /// `kGoesRight` is the comparison with the threshold.
    template <int kGoesRight>
    [[gnu::target("avx2"), gnu::always_inline]] void sift(const std::vector<NumberSplit>& splits, const float* values) {
        for (const NumberSplit& split : splits) {
            const float* const column = values + split.column * kRows;
            const __m256 threshold = _mm256_set1_ps(split.threshold);
            const __m256i leaves = _mm256_set1_epi32(static_cast<int>(split.onItsLeft));
#pragma GCC unroll 8
            for (std::size_t i = 0; i < kGroups; ++i)
                take(i, _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(column + i * kLanes), threshold, kGoesRight)),
                     leaves);
        }
    }

    /// Shifted by 32 and more, a word gives zero: the code is not in this part of the set.
    [[gnu::target("avx2"), gnu::always_inline]] void sift(const std::vector<CategorySplit>& splits,
                                                          const std::uint32_t* codes) {
        for (const CategorySplit& split : splits) {
            const auto* const column = reinterpret_cast<const __m256i*>(codes + split.column * kRows);
            const __m256i bits = _mm256_set1_epi32(static_cast<int>(split.bits));
            const __m256i first = _mm256_set1_epi32(static_cast<int>(split.first));
            const __m256i leaves = _mm256_set1_epi32(static_cast<int>(split.onItsLeft));
#pragma GCC unroll 8
            for (std::size_t i = 0; i < kGroups; ++i) {
                const __m256i bit = _mm256_srlv_epi32(bits, _mm256_sub_epi32(_mm256_loadu_si256(column + i), first));
                take(i, _mm256_srai_epi32(_mm256_slli_epi32(bit, 31), 31), leaves);
            }
        }
    }

    [[gnu::target("avx2")]] static void run(const Tree& tree, const Block& block, std::uint32_t* out) {
        Kernel kernel;
        for (__m256i& group : kernel.kept)
            group = _mm256_set1_epi32(-1);
        kernel.sift<_CMP_GE_OQ>(tree.missingLeft, block.values);
        kernel.sift<_CMP_NLT_UQ>(tree.missingRight, block.values);
        kernel.sift(tree.categories, block.codes);
        kernel.sift<_CMP_UNORD_Q>(tree.missingCategories, block.values);
        for (std::size_t i = 0; i < kGroups; ++i)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i * kLanes), kernel.kept[i]);
    }
};

#else

struct LeafSieve::Kernel {
    static void run(const Tree&, const Block&, std::uint32_t*) {}
};

#endif

LeafSieve::LeafSieve(const TreeEnsemble& ensemble) : m_width(ensemble.features), m_trees(ensemble.trees.size()) {
    if (!canSift())
        return;
    Planting planting(ensemble);
    std::ranges::transform(ensemble.trees, m_trees.begin(),
                           [&](const TreeEnsemble::Tree& tree) { return planting.plant(tree.root); });
    m_features = planting.features();
}

LeafSieve::Block LeafSieve::load(std::span<const float> rows, const std::uint32_t* codes) const {
    thread_local std::vector<float> values;
    thread_local std::vector<std::uint32_t> categories;
    const std::size_t cells = m_features.size() * kRows;
    if (values.size() < cells) {
        values.resize(cells);
        categories.resize(cells);
    }
    for (std::size_t column = 0; column < m_features.size(); ++column) {
        for (std::size_t row = 0; row < kRows; ++row) {
            const std::size_t cell = row * m_width + m_features[column];
            values[column * kRows + row] = rows[cell];
            if (codes != nullptr)
                categories[column * kRows + row] = codes[cell];
        }
    }
    return {values.data(), categories.data()};
}

void LeafSieve::findLeaves(std::size_t tree, const Block& block, Leaves& leaves) const {
    std::array<std::uint32_t, kRows> kept;
    Kernel::run(m_trees[tree], block, kept.data());
    for (std::size_t row = 0; row < kRows; ++row)
        leaves[row] = m_trees[tree].leaves[static_cast<std::size_t>(std::countr_zero(kept[row]))];
}

} // namespace perch::model
