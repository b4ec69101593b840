#include "core/data/seeded_random.h"
#include "core/model/predict/booster.h"
#include "core/model/predict/leaf_sieve.h"
#include "core/model/predict/tree_walker.h"
#include "tests/model_predict/random_model.h"
#include "tests/support/test_support.h"

#include <cstring>

namespace perch::model {
namespace {

using test::failsWith;
using test::RandomModel;
using test::valueOf;
using testing::HasSubstr;
using namespace std::string_literals;

class TreeWalkerTest : public testing::Test {
protected:
    static Booster boosterOf(const RandomModel& random) {
        Booster booster = valueOf(Booster::create(library()));
        valueOf(booster.load(random.ubj));
        valueOf(booster.setParameter("nthread", "1"));
        return booster;
    }
    static const XgboostLibrary& library() {
        static const auto loaded = valueOf(XgboostLibrary::load());
        return *loaded;
    }
    static std::vector<float> scores(const TreeWalker& walker, std::span<const float> rows) {
        std::vector<float> answer(rows.size() / walker.features() * walker.outputs());
        walker.score(rows, answer);
        return answer;
    }
    static bool sameBits(std::span<const float> a, std::span<const float> b) {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
    }
};

TEST_F(TreeWalkerTest, GivesTheBitsOfXgboost) {
    bool categories = false, manyOutputs = false;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const RandomModel random = RandomModel::train(library(), seed, 12);
        const Booster booster = boosterOf(random);
        const TreeWalker walker(valueOf(TreeEnsemble::parse(random.ubj)));
        ASSERT_EQ(walker.features(), random.categories.size());
        manyOutputs = manyOutputs || walker.outputs() > 1;
        categories = categories || random.ubj.find("categories_nodes[$l#L\0\0\0\0\0\0\0\1"s) != std::string::npos;
        // More than a block, and a rest that no lane is left for.
        const std::vector<float> rows = random.rows(77, seed);
        const std::vector<float> expected = valueOf(booster.predict(rows, walker.features()));
        ASSERT_TRUE(sameBits(scores(walker, rows), expected)) << seed << ": " << random.description;
        for (std::size_t row = 0; row < 77; ++row) {
            const auto one = std::span(rows).subspan(row * walker.features(), walker.features());
            const auto wanted = std::span(expected).subspan(row * walker.outputs(), walker.outputs());
            ASSERT_TRUE(sameBits(scores(walker, one), wanted)) << seed << " row " << row << ": " << random.description;
        }
    }
    EXPECT_TRUE(categories && manyOutputs) << "the seeds are to cover categories and several outputs";
}

TEST_F(TreeWalkerTest, DamagedModelsAreRefusedOrHarmless) {
    data::SeededRandom random(7);
    std::size_t refused = 0, read = 0;
    for (const std::uint64_t seed : {3U, 5U, 8U}) {
        const RandomModel good = RandomModel::train(library(), seed, 3);
        for (int i = 0; i < 200; ++i) {
            std::string bytes = good.ubj;
            for (std::size_t change = 0, changes = 1 + random.below(3); change < changes; ++change) {
                const std::size_t at = random.below(bytes.size());
                switch (random.below(4)) {
                case 0:
                    bytes.resize(at + 1);
                    break;
                case 1:
                    bytes.insert(at, 1, static_cast<char>(random.below(256)));
                    break;
                default:
                    bytes[at] = static_cast<char>(random.below(256));
                }
            }
            const Result<TreeEnsemble> ensemble = TreeEnsemble::parse(bytes);
            if (!ensemble) {
                ++refused;
                EXPECT_FALSE(ensemble.error().message.empty());
                continue;
            }
            ++read;
            if (ensemble->features != good.categories.size())
                continue;
            scores(TreeWalker(*ensemble), good.rows(9, seed));
        }
    }
    EXPECT_GT(refused, 100U);
    EXPECT_GT(read, 100U) << "damage to numbers that are no positions is not seen, and must do no harm";
}

TEST_F(TreeWalkerTest, OtherKindsAreLeftToXgboost) {
    const RandomModel good = RandomModel::train(library(), 3, 2);
    const auto with = [&](std::string_view old, std::string_view fresh) {
        std::string bytes = good.ubj;
        const std::size_t at = bytes.find(old);
        EXPECT_NE(at, std::string::npos) << old;
        bytes.replace(at, old.size(), fresh);
        return TreeEnsemble::parse(bytes);
    };
    EXPECT_THAT(with("gbtree}", "dartxx}"), failsWith(ErrorCode::InvalidInput, HasSubstr("booster is dartxx")));
    EXPECT_THAT(TreeEnsemble::parse("{\"learner\":{}}"), failsWith(ErrorCode::InvalidInput, HasSubstr("JSON")));
    EXPECT_THAT(with("size_leaf_vectorSL\0\0\0\0\0\0\0\1\x31"s, "size_leaf_vectorSL\0\0\0\0\0\0\0\1\x33"s),
                failsWith(ErrorCode::InvalidInput, HasSubstr("vectors")));
    EXPECT_THAT(with("num_targetSL\0\0\0\0\0\0\0\1\x31"s, "num_targetSL\0\0\0\0\0\0\0\1\x32"s),
                failsWith(ErrorCode::InvalidInput, HasSubstr("2 targets")));
}

TEST_F(TreeWalkerTest, AFileThatClaimsToBeHugeEndsEarly) {
    // Two billion values that take no byte each.
    EXPECT_THAT(TreeEnsemble::parse("{L\0\0\0\0\0\0\0\1a[$Z#l\x7f\xff\xff\xff}"s), failsWith(ErrorCode::Corrupt, HasSubstr("UBJ")));
    EXPECT_THAT(TreeEnsemble::parse("{L\0\0\0\0\0\0\0\1a" + std::string(100'000, '[')),
                failsWith(ErrorCode::Corrupt, HasSubstr("UBJ")));
    EXPECT_THAT(TreeEnsemble::parse(""), failsWith(ErrorCode::Corrupt, HasSubstr("UBJ")));
}

/// A tree of one split by a number and one by the categories 1 and 33.
SavedTree smallTree() {
    return {.left = {1, 3, -1, -1, -1},
            .right = {2, 4, -1, -1, -1},
            .feature = {0, 1, 0, 0, 0},
            .missingLeft = {1, 0, 0, 0, 0},
            .splitType = {0, 1, 0, 0, 0},
            .condition = {0.5F, 0, 10, 20, 30},
            .categoryNodes = {1},
            .categoryBegins = {0},
            .categoryCounts = {2},
            .categories = {1, 33}};
}

TEST(TreeEnsemble, GoesWhereTheFileSays) {
    TreeEnsemble ensemble{.base = {0}, .features = 2};
    EXPECT_EQ(valueOf(ensemble.add(smallTree())), 1U);
    const TreeWalker walker(ensemble);
    constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
    const std::pair<std::array<float, 2>, float> cases[] = {
        {{0.5F, 1}, 10}, {{0.4F, 1}, 30}, {{0.4F, 33}, 30},  {{0.4F, 2}, 20},    {{0.4F, 34}, 20},  {{0.4F, 65}, 20},
        {{kNaN, 1}, 30}, {{kNaN, 0}, 20}, {{0, kNaN}, 30}, {{0, -1}, 20},    {{0, 1e30F}, 20},  {{0, 33.5F}, 30}};
    for (const auto& [row, expected] : cases) {
        float score = 0;
        walker.score(row, {&score, 1});
        EXPECT_EQ(score, expected) << row[0] << ' ' << row[1];
        // A block of rows takes another way.
        std::vector<float> rows, scores(LeafSieve::kRows);
        for (std::size_t i = 0; i < LeafSieve::kRows; ++i)
            rows.insert(rows.end(), row.begin(), row.end());
        walker.score(rows, scores);
        EXPECT_THAT(scores, testing::Each(expected)) << row[0] << ' ' << row[1];
    }
}

/// A tree whose splits each have a leaf on the left.
SavedTree chainOf(std::int64_t splits) {
    SavedTree chain;
    for (std::int64_t i = 0; i <= 2 * splits; ++i) {
        const bool split = i < 2 * splits && i % 2 == 0;
        chain.left.push_back(split ? i + 1 : -1);
        chain.right.push_back(split ? i + 2 : -1);
        chain.condition.push_back(static_cast<float>(i));
    }
    chain.feature.resize(chain.left.size());
    chain.missingLeft.resize(chain.left.size());
    return chain;
}

TEST(LeafSieve, TakesSmallTreesOnly) {
    TreeEnsemble ensemble{.base = {0}, .features = 1};
    for (const std::int64_t splits : {0, 31, 32})
        valueOf(ensemble.add(chainOf(splits)));
    SavedTree many = smallTree();
    many.feature[1] = 0;
    for (const std::int64_t largest : {127, 128}) {
        many.categories[1] = largest;
        valueOf(ensemble.add(many));
    }
    const LeafSieve sieve(ensemble);
    if (!sieve.takes(0))
        GTEST_SKIP() << "the processor has no AVX2";
    EXPECT_TRUE(sieve.takes(1));
    EXPECT_FALSE(sieve.takes(2)) << "33 leaves";
    EXPECT_TRUE(sieve.takes(3));
    EXPECT_FALSE(sieve.takes(4)) << "a set of more than 128 categories";

    LeafSieve::Leaves leaves;
    std::vector<float> rows(LeafSieve::kRows);
    for (std::size_t row = 0; row < rows.size(); ++row)
        rows[row] = static_cast<float>(row);
    rows[7] = std::numeric_limits<float>::quiet_NaN();
    const LeafSieve::Block block = sieve.load(rows, nullptr);
    sieve.findLeaves(1, block, leaves);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        // Thresholds are even: the first one above the row's value has its leaf behind it.
        const std::size_t expected = row == 7 ? 62 : std::min<std::size_t>(row / 2 * 2 + 3, 62);
        EXPECT_EQ(leaves[row], static_cast<float>(expected)) << row;
    }
}

TEST(TreeEnsemble, NamesTheNodeThatLeadsNowhere) {
    using Change = void(SavedTree&);
    const std::tuple<Change*, ErrorCode, const char*> cases[] = {
        {[](SavedTree& tree) { tree.left[0] = 9; }, ErrorCode::Corrupt, "node 0 of tree 0 leads to the nodes 9 and 2 of 5"},
        {[](SavedTree& tree) { tree.right[1] = -1; }, ErrorCode::Corrupt, "node 1 of tree 0 leads to the nodes 3 and -1"},
        {[](SavedTree& tree) { tree.left[1] = 0, tree.right[1] = 1; }, ErrorCode::Corrupt, "reached twice"},
        {[](SavedTree& tree) { tree.left[1] = 1, tree.right[1] = 2; }, ErrorCode::Corrupt, "reached twice"},
        {[](SavedTree& tree) { tree.left[2] = 3, tree.right[2] = 4; }, ErrorCode::Corrupt, "node 2 of tree 0 leads to nodes that are reached twice"},
        {[](SavedTree& tree) { tree.right[0] = 3; }, ErrorCode::InvalidInput, "side by side"},
        {[](SavedTree& tree) { tree.feature[1] = -2; }, ErrorCode::Corrupt, "reads the feature -2"},
        {[](SavedTree& tree) { tree.feature.pop_back(); }, ErrorCode::Corrupt, "different lengths"},
        {[](SavedTree& tree) { tree = {}; }, ErrorCode::Corrupt, "different lengths"},
        {[](SavedTree& tree) { tree.splitType[0] = 1; }, ErrorCode::Corrupt, "categories that are not there"},
        {[](SavedTree& tree) { tree.categoryNodes[0] = 5; }, ErrorCode::Corrupt, "categories for node 5"},
        {[](SavedTree& tree) { tree.categoryCounts[0] = 3; }, ErrorCode::Corrupt, "categories 0 to 3 of 2"},
        {[](SavedTree& tree) { tree.categoryCounts[0] = 0; }, ErrorCode::Corrupt, "categories 0 to 0 of 2"},
        {[](SavedTree& tree) { tree.categoryBegins[0] = -1; }, ErrorCode::Corrupt, "categories -1"},
        {[](SavedTree& tree) { tree.categories[1] = -7; }, ErrorCode::Corrupt, "category -7"},
        {[](SavedTree& tree) { tree.categories[1] = 1LL << 40; }, ErrorCode::Corrupt, "category 1099511627776"}};
    for (const auto& [change, code, message] : cases) {
        SavedTree tree = smallTree();
        change(tree);
        TreeEnsemble ensemble;
        EXPECT_THAT(ensemble.add(tree), failsWith(code, HasSubstr(message)));
    }
}

TEST(TreeEnsemble, IsNotDeeperThanItsBound) {
    SavedTree chain;
    constexpr std::int64_t kSplits = 1000;
    for (std::int64_t i = 0; i <= 2 * kSplits; ++i) {
        // Node 0 leads to 1 and 2, and the first of each pair to the next pair.
        const bool split = i == 0 || (i % 2 == 1 && i < 2 * kSplits - 1);
        chain.left.push_back(!split ? -1 : i == 0 ? 1 : i + 2);
        chain.right.push_back(!split ? -1 : i == 0 ? 2 : i + 3);
    }
    chain.feature.resize(chain.left.size());
    chain.missingLeft.resize(chain.left.size());
    chain.condition.resize(chain.left.size());
    TreeEnsemble ensemble;
    EXPECT_THAT(ensemble.add(chain), failsWith(ErrorCode::InvalidInput, HasSubstr("deeper than 512")));
}

} // namespace
} // namespace perch::model
