#pragma once

#include "core/model/predict/tree_ensemble.h"

#include <array>
#include <span>
#include <vector>

namespace perch::model {

/// The small trees of an ensemble, laid out so that a block of rows goes through all splits of a tree one after the
/// other and no path is followed: a split takes from the rows that it sends right the leaves on its left, and the first
/// leaf that a row keeps is its own (QuickScorer: Lucchese et al., SIGIR 2015). The comparisons are those of a walk, so
/// the leaves are the same. Immutable: safe from any thread.
class LeafSieve {
public:
    /// So many rows are a block.
    static constexpr std::size_t kRows = 64;
    using Leaves = std::array<float, kRows>;

    /// Rows by columns: the cells of one column lie side by side. Valid until the thread loads its next block.
    struct Block {
        const float* values = nullptr;
        const std::uint32_t* codes = nullptr;
    };

    /// Takes the trees of at most 32 leaves that name only small categories; none if the processor has no AVX2.
    explicit LeafSieve(const TreeEnsemble& ensemble);

    bool takes(std::size_t tree) const { return !m_trees[tree].leaves.empty(); }
    /// `rows` holds `kRows` rows as TreeWalker reads them, `codes` the same as categories; null: nothing splits by
    /// them.
    Block load(std::span<const float> rows, const std::uint32_t* codes) const;
    /// The value of the leaf in which each row ends, of a tree that is taken.
    void findLeaves(std::size_t tree, const Block& block, Leaves& leaves) const;

private:
    struct NumberSplit {
        float threshold = 0;
        std::uint32_t column = 0;
        std::uint32_t onItsLeft = 0; ///< a bit for each leaf
    };
    /// A part of a set of categories: bit i is that of the code `first` + i, and set if it goes right.
    struct CategorySplit {
        std::uint32_t bits = 0;
        std::uint32_t first = 0;
        std::uint32_t column = 0;
        std::uint32_t onItsLeft = 0;
    };
    struct Tree {
        std::vector<NumberSplit> missingLeft, missingRight; ///< values below the threshold go left
        std::vector<CategorySplit> categories;
        std::vector<NumberSplit> missingCategories; ///< only missing values go right
        std::vector<float> leaves;                  ///< from left to right; empty: the tree is not taken
    };
    class Planting;
    struct Kernel;

    std::size_t m_width = 0;
    std::vector<std::uint32_t> m_features; ///< of the columns
    std::vector<Tree> m_trees;
};

} // namespace perch::model
