#include "core/model/predict/tree_ensemble.h"

#include <algorithm>
#include <bit>
#include <span>

namespace perch::model {

namespace {

constexpr std::size_t kNodeLimit = 50'000'000;
constexpr std::size_t kWordLimit = 50'000'000;
constexpr std::uint32_t kDepthLimit = 512;
constexpr std::int64_t kNoChild = -1;

/// Puts one saved tree behind the nodes of an ensemble.
class Planting {
public:
    Planting(TreeEnsemble& ensemble, const SavedTree& saved)
        : m_ensemble(ensemble), m_saved(saved), m_number(ensemble.trees.size()),
          m_root(static_cast<std::uint32_t>(ensemble.nodes.size())) {}

    Result<std::uint32_t> run() {
        TRY(checkSizes());
        TRY(findCategories());
        std::vector<bool> seen(m_saved.left.size(), false);
        m_order.push_back({0, 0});
        m_ensemble.nodes.emplace_back();
        // Breadth first: children lie side by side, and close to those of their neighbors.
        for (std::size_t i = 0; i < m_order.size(); ++i) {
            const Place place = m_order[i];
            if (seen[place.saved])
                return corrupt(place.saved, "is reached twice");
            seen[place.saved] = true;
            TRY(plant(place, m_root + static_cast<std::uint32_t>(i)));
        }
        m_ensemble.trees.push_back({.root = m_root, .depth = m_depth, .categories = m_categories});
        return m_largestFeature;
    }

private:
    struct Place {
        std::size_t saved;
        std::uint32_t depth;
    };

    template <typename... Args>
    Error corrupt(std::size_t node, fmt::format_string<Args...> format, Args&&... args) const {
        return fail(ErrorCode::Corrupt, "node {} of tree {} {}.", node, m_number,
                    fmt::format(format, std::forward<Args>(args)...));
    }

    Result<void> checkSizes() const {
        const std::size_t nodes = m_saved.left.size();
        const bool equal = nodes > 0 && m_saved.right.size() == nodes && m_saved.feature.size() == nodes &&
                           m_saved.missingLeft.size() == nodes && m_saved.condition.size() == nodes &&
                           (m_saved.splitType.empty() || m_saved.splitType.size() == nodes) &&
                           m_saved.categoryBegins.size() == m_saved.categoryNodes.size() &&
                           m_saved.categoryCounts.size() == m_saved.categoryNodes.size();
        if (!equal)
            return fail(ErrorCode::Corrupt, "the lists of tree {} have different lengths.", m_number);
        if (m_ensemble.nodes.size() + nodes > kNodeLimit)
            return fail(ErrorCode::InvalidInput, "it has more than {} nodes.", kNodeLimit);
        return {};
    }

    /// Which entry of the categories belongs to which node.
    Result<void> findCategories() {
        m_entryOfNode.assign(m_saved.splitType.size(), 0);
        for (std::size_t entry = 0; entry < m_saved.categoryNodes.size(); ++entry) {
            const std::int64_t node = m_saved.categoryNodes[entry];
            if (node < 0 || static_cast<std::size_t>(node) >= m_entryOfNode.size())
                return fail(ErrorCode::Corrupt, "tree {} has categories for node {}.", m_number, node);
            m_entryOfNode[static_cast<std::size_t>(node)] = entry + 1;
        }
        return {};
    }

    Result<void> plant(const Place& place, std::uint32_t position) {
        const std::size_t saved = place.saved;
        const std::int64_t left = m_saved.left[saved], right = m_saved.right[saved];
        TreeNode node{.threshold = m_saved.condition[saved], .left = position};
        if (left == kNoChild) {
            m_ensemble.nodes[position] = node;
            return {};
        }
        const auto count = static_cast<std::int64_t>(m_saved.left.size());
        if (left < 0 || left >= count || right < 0 || right >= count)
            return corrupt(saved, "leads to the nodes {} and {} of {}", left, right, count);
        // XGBoost takes the node after the left child for the right one, whatever the file says.
        if (right != left + 1)
            return fail(ErrorCode::InvalidInput, "the children of node {} of tree {} do not lie side by side.", saved,
                        m_number);
        if (place.depth >= kDepthLimit)
            return fail(ErrorCode::InvalidInput, "tree {} is deeper than {}.", m_number, kDepthLimit);
        const std::int64_t feature = m_saved.feature[saved];
        if (feature < 0 || feature > TreeNode::kFeature)
            return corrupt(saved, "reads the feature {}", feature);
        m_largestFeature = std::max(m_largestFeature, static_cast<std::uint32_t>(feature));
        m_depth = std::max(m_depth, place.depth + 1);
        node.feature = static_cast<std::uint32_t>(feature) | TreeNode::kSplit;
        if (m_saved.missingLeft[saved] == 0)
            node.feature |= TreeNode::kMissingRight;
        if (!m_saved.splitType.empty() && m_saved.splitType[saved] != 0)
            TRY(addCategories(saved, node));
        node.left = static_cast<std::uint32_t>(m_ensemble.nodes.size());
        m_ensemble.nodes[position] = node;
        // A tree cannot have more nodes than the file lists for it, so a circle ends here at the latest.
        if (m_order.size() + 2 > m_saved.left.size())
            return corrupt(saved, "leads to nodes that are reached twice");
        m_order.push_back({static_cast<std::size_t>(left), place.depth + 1});
        m_order.push_back({static_cast<std::size_t>(right), place.depth + 1});
        m_ensemble.nodes.resize(m_ensemble.nodes.size() + 2);
        return {};
    }

    Result<void> addCategories(std::size_t saved, TreeNode& node) {
        if (m_saved.splitType[saved] != 1 || m_entryOfNode[saved] == 0)
            return corrupt(saved, "splits by categories that are not there");
        const std::size_t entry = m_entryOfNode[saved] - 1;
        const std::int64_t begin = m_saved.categoryBegins[entry], count = m_saved.categoryCounts[entry];
        const auto size = static_cast<std::int64_t>(m_saved.categories.size());
        if (begin < 0 || count < 1 || begin > size || count > size - begin)
            return corrupt(saved, "has the categories {} to {} of {}", begin, count, size);
        const auto codes = std::span(m_saved.categories).subspan(static_cast<std::size_t>(begin),
                                                                 static_cast<std::size_t>(count));
        const auto [smallest, largest] = std::ranges::minmax(codes);
        if (smallest < 0 || largest >= TreeNode::kCodeLimit)
            return corrupt(saved, "has the category {}", smallest < 0 ? smallest : largest);
        const auto bits = static_cast<std::uint32_t>(largest) + 1;
        node.feature |= TreeNode::kCategory;
        node.threshold = std::bit_cast<float>(bits);
        node.words = static_cast<std::uint32_t>(m_ensemble.words.size());
        m_ensemble.words.resize(m_ensemble.words.size() + bits / 32 + 1);
        for (const std::int64_t code : codes)
            m_ensemble.words[node.words + static_cast<std::size_t>(code) / 32] |= 1U << (code % 32);
        if (m_ensemble.words.size() > kWordLimit)
            return fail(ErrorCode::InvalidInput, "its categories take more than {} words.", kWordLimit);
        m_categories = true;
        return {};
    }

    TreeEnsemble& m_ensemble;
    const SavedTree& m_saved;
    const std::size_t m_number;
    const std::uint32_t m_root;
    std::vector<Place> m_order;
    std::vector<std::size_t> m_entryOfNode; ///< counted from 1, 0 without
    std::uint32_t m_depth = 0;
    std::uint32_t m_largestFeature = 0;
    bool m_categories = false;
};

} // namespace

Result<std::uint32_t> TreeEnsemble::add(const SavedTree& saved) {
    return Planting(*this, saved).run();
}

} // namespace perch::model
