#include "core/model/predict/tree_walker.h"

#include <algorithm>
#include <cmath>

namespace perch::model {

namespace {

std::uint32_t codeOf(float value) {
    constexpr auto kLimit = static_cast<float>(TreeNode::kCodeLimit);
    return value >= 0 && value < kLimit ? static_cast<std::uint32_t>(value) : TreeNode::kCodeLimit;
}

bool anyMissing(std::span<const float> values) {
    return std::ranges::any_of(values, [](float value) { return std::isnan(value); });
}

/// 1 / (1 + e^-x), as XGBoost's common::Sigmoid rounds it.
float sigmoid(float margin) {
    constexpr float kNoZero = 1e-16F;
    const float bounded = std::min(-margin, 88.7F);
    const float denominator = ::expf(bounded) + 1.0F + kNoZero;
    return 1.0F / denominator;
}

/// As XGBoost's common::Softmax: the sum is a double and becomes a float for the division.
void softmax(std::span<float> margins) {
    float largest = margins.front();
    for (const float margin : margins.subspan(1))
        largest = ::fmaxf(margin, largest);
    double sum = 0;
    for (float& margin : margins) {
        margin = ::expf(margin - largest);
        sum += static_cast<double>(margin);
    }
    for (float& margin : margins)
        margin /= static_cast<float>(sum);
}

} // namespace

TreeWalker::TreeWalker(TreeEnsemble ensemble) : m_ensemble(std::move(ensemble)), m_sieve(m_ensemble) {
    for (std::size_t begin = 0; begin < m_ensemble.trees.size(); begin += kBlock) {
        Batch& batch = m_batches.emplace_back();
        batch.begin = begin;
        batch.trees = std::min(kBlock, m_ensemble.trees.size() - begin);
        for (std::size_t i = 0; i < kBlock; ++i) {
            const TreeEnsemble::Tree& tree = m_ensemble.trees[begin + std::min(i, batch.trees - 1)];
            batch.roots[i / kWalkLanes][i % kWalkLanes] = tree.root;
            batch.depth = std::max(batch.depth, tree.depth);
            batch.categories |= tree.categories;
        }
    }
    for (const TreeNode& node : m_ensemble.nodes) {
        if ((node.feature & TreeNode::kCategory) != 0)
            m_categories.push_back(node.feature & TreeNode::kFeature);
    }
    std::ranges::sort(m_categories);
    m_categories.erase(std::ranges::unique(m_categories).begin(), m_categories.end());
}

void TreeWalker::score(std::span<const float> rows, std::span<float> scores) const {
    const std::size_t width = features(), count = rows.size() / width;
    for (std::size_t row = 0; row < count; ++row)
        std::ranges::copy(m_ensemble.base, scores.begin() + static_cast<std::ptrdiff_t>(row * outputs()));
    // A block of rows whose number the lanes divide; what is left over goes through row by row.
    for (std::size_t row = 0; row < count;) {
        const std::size_t left = count - row;
        const std::size_t block = left < kWalkLanes ? 1 : std::min(kBlock, left) / kWalkLanes * kWalkLanes;
        const auto values = rows.subspan(row * width, block * width);
        const std::uint32_t* const codes = encodeCategories(values);
        float* const sums = scores.data() + row * outputs();
        if (block == 1)
            addRow(values, codes, sums);
        else
            addRows(values, codes, sums);
        row += block;
    }
    for (std::size_t row = 0; row < count; ++row)
        finish(scores.data() + row * outputs());
}

/// The codes lie like the values; only the features that some tree splits by category are filled in.
const std::uint32_t* TreeWalker::encodeCategories(std::span<const float> values) const {
    thread_local std::vector<std::uint32_t> codes;
    if (m_categories.empty())
        return nullptr;
    if (codes.size() < values.size())
        codes.resize(values.size());
    for (std::size_t row = 0; row < values.size(); row += features()) {
        for (const std::uint32_t feature : m_categories)
            codes[row + feature] = codeOf(values[row + feature]);
    }
    return codes.data();
}

/// One row through many trees at a time.
void TreeWalker::addRow(std::span<const float> row, const std::uint32_t* codes, float* sums) const {
    const bool missing = anyMissing(row);
    float sum = *sums;
    for (const Batch& batch : m_batches) {
        Walks at = batch.roots;
        const auto lanes = std::span(at).first((batch.trees + kWalkLanes - 1) / kWalkLanes);
        walkTrees(m_ensemble, batch.depth, {row.data(), batch.categories ? codes : nullptr, 0, missing}, lanes);
        for (std::size_t i = 0; i < batch.trees; ++i) {
            const float leaf = m_ensemble.nodes[at[i / kWalkLanes][i % kWalkLanes]].threshold;
            // One sum stays in a register; several are in memory.
            if (outputs() == 1)
                sum += leaf;
            else
                sums[m_ensemble.trees[batch.begin + i].output] += leaf;
        }
    }
    if (outputs() == 1)
        *sums = sum;
}

/// A block of rows at a time through one tree after the other; the lanes divide their number.
void TreeWalker::addRows(std::span<const float> rows, const std::uint32_t* codes, float* sums) const {
    const std::size_t count = rows.size() / features();
    const bool missing = anyMissing(rows);
    const bool whole = count == LeafSieve::kRows;
    const LeafSieve::Block block = whole ? m_sieve.load(rows, codes) : LeafSieve::Block();
    LeafSieve::Leaves leaves;
    Walks at{};
    const auto lanes = std::span(at).first(count / kWalkLanes);
    for (std::size_t i = 0; i < m_ensemble.trees.size(); ++i) {
        const TreeEnsemble::Tree& tree = m_ensemble.trees[i];
        if (whole && m_sieve.takes(i)) {
            m_sieve.findLeaves(i, block, leaves);
        } else {
            for (WalkLanes& group : lanes)
                group.fill(tree.root);
            walkTrees(m_ensemble, tree.depth, {rows.data(), tree.categories ? codes : nullptr, features(), missing},
                      lanes);
            for (std::size_t row = 0; row < count; ++row)
                leaves[row] = m_ensemble.nodes[at[row / kWalkLanes][row % kWalkLanes]].threshold;
        }
        for (std::size_t row = 0; row < count; ++row)
            sums[row * outputs() + tree.output] += leaves[row];
    }
}

void TreeWalker::finish(float* sums) const {
    if (m_ensemble.link == Link::Sigmoid)
        *sums = sigmoid(*sums);
    else if (m_ensemble.link == Link::Softmax)
        softmax({sums, outputs()});
}

} // namespace perch::model
