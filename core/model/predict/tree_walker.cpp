#include "core/model/predict/tree_walker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace perch::model {

namespace {

constexpr std::size_t kLanes = TreeWalker::kLanes;
using Lanes = TreeWalker::Lanes;
/// So many rows go through a tree before the next tree is fetched.
constexpr std::size_t kBlock = 64;

/// Rows that are walked in step: the values, and for trees with categories the same as codes.
struct Rows {
    const float* values;
    const std::uint32_t* codes;
    std::size_t stride; ///< from the row of a lane to that of the next; 0: all lanes walk the same row
};

std::uint32_t codeOf(float value) {
    constexpr auto kLimit = static_cast<float>(TreeNode::kCodeLimit);
    return value >= 0 && value < kLimit ? static_cast<std::uint32_t>(value) : TreeNode::kCodeLimit;
}

/// From one node to the next in plain arithmetic, because a processor would guess every other branch wrong.
template <bool kMissing, bool kCategories>
std::uint32_t next(const TreeNode& node, const float* values, const std::uint32_t* codes, const std::uint32_t* words) {
    const std::uint32_t feature = node.feature & TreeNode::kFeature;
    const float value = values[feature];
    std::uint32_t right = value < node.threshold ? 0 : 1;
    if constexpr (kCategories) {
        const std::uint32_t category = node.feature >> TreeNode::kCategoryBit & 1;
        // Whatever is beyond the set becomes the bit after it. A split by a number reads the first word, which is 0.
        const std::uint32_t code = std::min(codes[feature], std::bit_cast<std::uint32_t>(node.threshold)) & (0 - category);
        const std::uint32_t chosen = words[node.words + code / 32] >> (code % 32);
        right = (chosen & category) | (right & ~category);
    }
    if constexpr (kMissing) {
        const std::uint32_t missing = std::isnan(value) ? 1 : 0;
        right = (right & ~missing) | (node.feature >> TreeNode::kMissingRightBit & missing);
    }
    return node.left + (right & node.feature >> TreeNode::kSplitBit);
}

template <bool kMissing, bool kCategories>
void walk(const TreeEnsemble& ensemble, std::uint32_t steps, const Rows& rows, Lanes& at) {
    const TreeNode* const nodes = ensemble.nodes.data();
    const std::uint32_t* const words = ensemble.words.data();
    for (std::uint32_t step = 0; step < steps; ++step) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const std::size_t offset = lane * rows.stride;
            at[lane] = next<kMissing, kCategories>(nodes[at[lane]], rows.values + offset,
                                                   kCategories ? rows.codes + offset : nullptr, words);
        }
    }
}

/// Walks every lane from its node for `steps` steps.
void walk(const TreeEnsemble& ensemble, std::uint32_t steps, bool missing, bool categories, const Rows& rows,
          Lanes& at) {
    if (missing)
        categories ? walk<true, true>(ensemble, steps, rows, at) : walk<true, false>(ensemble, steps, rows, at);
    else
        categories ? walk<false, true>(ensemble, steps, rows, at) : walk<false, false>(ensemble, steps, rows, at);
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

TreeWalker::TreeWalker(TreeEnsemble ensemble) : m_ensemble(std::move(ensemble)) {
    for (std::size_t begin = 0; begin < m_ensemble.trees.size(); begin += kLanes) {
        Group& group = m_groups.emplace_back();
        group.trees = std::min(kLanes, m_ensemble.trees.size() - begin);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const TreeEnsemble::Tree& tree = m_ensemble.trees[begin + std::min(lane, group.trees - 1)];
            group.roots[lane] = tree.root;
            group.depth = std::max(group.depth, tree.depth);
            group.categories |= tree.categories;
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
        const std::size_t block = left < kLanes ? 1 : std::min(kBlock, left) / kLanes * kLanes;
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

/// One row through several trees at a time.
void TreeWalker::addRow(std::span<const float> row, const std::uint32_t* codes, float* sums) const {
    const bool missing = anyMissing(row);
    float sum = *sums;
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        Lanes at = m_groups[group].roots;
        walk(m_ensemble, m_groups[group].depth, missing, m_groups[group].categories, {row.data(), codes, 0}, at);
        const auto trees = std::span(m_ensemble.trees).subspan(group * kLanes, m_groups[group].trees);
        for (std::size_t lane = 0; lane < trees.size(); ++lane) {
            const float leaf = m_ensemble.nodes[at[lane]].threshold;
            // One sum stays in a register; several are in memory.
            if (outputs() == 1)
                sum += leaf;
            else
                sums[trees[lane].output] += leaf;
        }
    }
    if (outputs() == 1)
        *sums = sum;
}

/// Several rows at a time through one tree after the other.
void TreeWalker::addRows(std::span<const float> rows, const std::uint32_t* codes, float* sums) const {
    const std::size_t width = features();
    const bool missing = anyMissing(rows);
    for (const TreeEnsemble::Tree& tree : m_ensemble.trees) {
        for (std::size_t row = 0; row < rows.size() / width; row += kLanes) {
            Lanes at{};
            at.fill(tree.root);
            const std::uint32_t* const rowCodes = tree.categories ? codes + row * width : nullptr;
            walk(m_ensemble, tree.depth, missing, tree.categories, {rows.data() + row * width, rowCodes, width}, at);
            for (std::size_t lane = 0; lane < kLanes; ++lane)
                sums[(row + lane) * outputs() + tree.output] += m_ensemble.nodes[at[lane]].threshold;
        }
    }
}

void TreeWalker::finish(float* sums) const {
    if (m_ensemble.link == Link::Sigmoid)
        *sums = sigmoid(*sums);
    else if (m_ensemble.link == Link::Softmax)
        softmax({sums, outputs()});
}

} // namespace perch::model
