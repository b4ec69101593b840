#pragma once

#include "core/model/predict/leaf_sieve.h"
#include "core/model/predict/tree_walk.h"

#include <span>

namespace perch::model {

/// Evaluates an ensemble on rows of floats, with the bits of XGBoost 3.2 on a processor: margins are added as 32-bit
/// floats in the order of the trees, and turned into scores by the same operations. NaN is a missing value; a category
/// that no split names, is negative or too large goes left, as there. Immutable: safe from any thread. Nothing is
/// allocated for a row.
class TreeWalker {
public:
    explicit TreeWalker(TreeEnsemble ensemble);

    std::size_t features() const { return m_ensemble.features; }
    std::size_t outputs() const { return m_ensemble.base.size(); }
    /// `rows` holds rows of `features()` floats one after another, `scores` has room for `outputs()` per row.
    void score(std::span<const float> rows, std::span<float> scores) const;

private:
    /// So many groups of lanes are walked by one call.
    static constexpr std::size_t kGroups = 8;
    static constexpr std::size_t kBlock = kGroups * kWalkLanes;
    static_assert(kBlock == LeafSieve::kRows);
    using Walks = std::array<WalkLanes, kGroups>;

    /// Trees that one row goes through together.
    struct Batch {
        Walks roots{};
        std::size_t begin = 0, trees = 0; ///< below `kBlock` in the last batch, whose other lanes are not counted
        std::uint32_t depth = 0;
        bool categories = false;
    };

    const std::uint32_t* encodeCategories(std::span<const float> values) const;
    void addRow(std::span<const float> row, const std::uint32_t* codes, float* sums) const;
    void addRows(std::span<const float> rows, const std::uint32_t* codes, float* sums) const;
    void finish(float* sums) const;

    TreeEnsemble m_ensemble;
    LeafSieve m_sieve;
    std::vector<Batch> m_batches;
    std::vector<std::uint32_t> m_categories; ///< the features that some tree splits by category
};

} // namespace perch::model
