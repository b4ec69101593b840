#pragma once

#include "core/model/predict/tree_ensemble.h"

#include <array>
#include <span>

namespace perch::model {

/// Evaluates an ensemble on rows of floats, with the bits of XGBoost 3.2 on a processor: margins are added as 32-bit
/// floats in the order of the trees, and turned into scores by the same operations. NaN is a missing value; a category
/// that no split names, is negative or too large goes left, as there. Immutable: safe from any thread. Nothing is allocated for a row.
class TreeWalker {
public:
    explicit TreeWalker(TreeEnsemble ensemble);

    std::size_t features() const { return m_ensemble.features; }
    std::size_t outputs() const { return m_ensemble.base.size(); }
    /// `rows` holds rows of `features()` floats one after another, `scores` has room for `outputs()` per row.
    void score(std::span<const float> rows, std::span<float> scores) const;

    /// So many walks go in step: while one waits for its next node, the others go on.
    static constexpr std::size_t kLanes = 8;
    using Lanes = std::array<std::uint32_t, kLanes>;

private:
    /// Trees that one row goes through together.
    struct Group {
        Lanes roots{};
        std::size_t trees = 0; ///< below `kLanes` in the last group, whose other lanes are not counted
        std::uint32_t depth = 0;
        bool categories = false;
    };

    const std::uint32_t* encodeCategories(std::span<const float> values) const;
    void addRow(std::span<const float> row, const std::uint32_t* codes, float* sums) const;
    void addRows(std::span<const float> rows, const std::uint32_t* codes, float* sums) const;
    void finish(float* sums) const;

    TreeEnsemble m_ensemble;
    std::vector<Group> m_groups;
    std::vector<std::uint32_t> m_categories; ///< the features that some tree splits by category
};

} // namespace perch::model
