#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace perch::model {

/// One node, 16 bytes. A split sends a row to `left` or to the node after it; a leaf leads to itself, so that trees of
/// different depth can be walked in step.
struct TreeNode {
    static constexpr unsigned kSplitBit = 31, kCategoryBit = 30, kMissingRightBit = 29;
    static constexpr std::uint32_t kSplit = 1U << kSplitBit;
    static constexpr std::uint32_t kCategory = 1U << kCategoryBit;
    static constexpr std::uint32_t kMissingRight = 1U << kMissingRightBit;
    static constexpr std::uint32_t kFeature = kMissingRight - 1;
    /// XGBoost's bound of codes: larger ones are no longer exact as floats.
    static constexpr std::uint32_t kCodeLimit = 16'777'216;

    /// Number: values below it go left. Category: the bits of the integer that is one more than the largest code in the
    /// set. Leaf: the leaf's value.
    float threshold = 0;
    std::uint32_t feature = 0; ///< position in the row, and the three flags
    std::uint32_t left = 0;
    /// Category: where the bits of the codes that go right begin in `words`; the bit after the last code is there too,
    /// and not set. Else 0.
    std::uint32_t words = 0;
};

/// How margins become scores.
enum class Link { Identity, Sigmoid, Softmax };

/// A tree as the model file holds it: one entry per node in each list but those of categories.
struct SavedTree {
    std::vector<std::int64_t> left, right, feature, missingLeft, splitType;
    std::vector<float> condition;
    /// The nodes that split by category, ascending, and for each where its codes begin in `categories` and how many.
    std::vector<std::int64_t> categoryNodes, categoryBegins, categoryCounts, categories;
};

/// The trees of an XGBoost model as flat arrays, with every index checked. A value; TreeWalker evaluates it.
struct TreeEnsemble {
    struct Tree {
        std::uint32_t root = 0;
        std::uint32_t depth = 0;  ///< splits on the longest way to a leaf
        std::uint32_t output = 0; ///< which score it adds to
        bool categories = false;
    };

    std::vector<TreeNode> nodes; ///< tree after tree, each breadth first
    std::vector<std::uint32_t> words = {0};
    std::vector<Tree> trees;
    std::vector<float> base; ///< the margin before the first tree, one per output
    std::size_t features = 0;
    Link link = Link::Identity;

    /// Reads a model as XGBoost saves it in UBJ. InvalidInput says which kind of model this is that only XGBoost can
    /// evaluate (another booster or objective, vector leaves, beyond the bounds below); Corrupt names the tree and
    /// node that lead nowhere, out of the row, or in a circle.
    static Result<TreeEnsemble> parse(std::string_view ubj);
    /// Appends a tree; `features` is not looked at. Returns the largest feature in it. Errors as above.
    Result<std::uint32_t> add(const SavedTree& saved);
};

} // namespace perch::model
