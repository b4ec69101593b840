#include "core/evaluate/fairness.h"
#include "core/evaluate/slice_search.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <numeric>
#include <random>

namespace perch::evaluate {
namespace {

using testing::Optional;

TEST(Holm, MatchesAWorkedExample) {
    const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
    EXPECT_THAT(adjustByHolm(p), testing::ElementsAre(testing::DoubleEq(0.03), testing::DoubleEq(0.06),
                                                      testing::DoubleEq(0.06), testing::DoubleEq(0.02)));
    EXPECT_TRUE(adjustByHolm({}).empty());
}

data::Column numberColumn(const std::string& name, std::vector<double> numbers) {
    return {.name = name, .type = data::FieldType::Number, .numbers = {numbers.begin(), numbers.end()}};
}

/// In two batches, as a stream would.
std::vector<Slice> search(const std::vector<data::Column>& columns, std::span<const double> errors, bool shares) {
    std::vector<std::uint32_t> all(errors.size());
    std::iota(all.begin(), all.end(), 0U);
    std::vector<ColumnGroups> groups;
    std::vector<std::string> names;
    for (const data::Column& column : columns) {
        groups.push_back(ColumnGroups::learn(column, all));
        names.push_back(column.name);
    }
    SliceSearch search(shares, groups, names);
    const std::size_t half = errors.size() / 2;
    for (const auto& [from, count] : {std::pair(std::size_t{0}, half), std::pair(half, errors.size() - half)}) {
        const auto rows = std::span<const std::uint32_t>(all).subspan(from, count);
        std::vector<std::vector<std::int32_t>> ofRow;
        for (std::size_t c = 0; c < columns.size(); ++c)
            ofRow.push_back(groups[c].of(columns[c], rows));
        search.add(ofRow, {errors.subspan(from, count), {}});
    }
    return search.find();
}

TEST(Slices, FindThePlantedOneAndOnlyThat) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> unit(0, 1);
    constexpr std::uint32_t kRows = 4'000;
    std::vector<double> planted, noise;
    std::vector<double> errors;
    for (std::uint32_t i = 0; i < kRows; ++i) {
        planted.push_back(i % 10 == 0 ? std::nan("") : unit(random));
        noise.push_back(unit(random));
        errors.push_back(unit(random) < (i % 10 == 0 ? 0.5 : 0.9) ? 0 : 1);
    }
    const std::vector<Slice> slices =
        search({numberColumn("income", planted), numberColumn("noise", noise)}, errors, true);
    ASSERT_EQ(slices.size(), 1u);
    EXPECT_EQ(slices[0].name, "income missing");
    EXPECT_EQ(slices[0].rows, kRows / 10);
    EXPECT_NEAR(slices[0].value, 0.5, 0.08);
    EXPECT_NEAR(slices[0].elsewhere, 0.9, 0.03);
    EXPECT_EQ(slices[0].baseline, std::nullopt);
}

TEST(Slices, APairIsListedOnlyWhereItIsWorseThanItsParts) {
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> unit(0, 1);
    std::vector<double> a, b, both, one;
    for (int i = 0; i < 8'000; ++i) {
        a.push_back(static_cast<double>(random() % 2));
        b.push_back(static_cast<double>(random() % 2));
        both.push_back(unit(random) < (a.back() == 1 && b.back() == 1 ? 0.5 : 0.1) ? 1 : 0);
        one.push_back(unit(random) < (a.back() == 1 ? 0.5 : 0.1) ? 1 : 0);
    }
    const std::vector<data::Column> columns{numberColumn("a", a), numberColumn("b", b)};
    const std::vector<Slice> planted = search(columns, both, true);
    ASSERT_FALSE(planted.empty());
    EXPECT_EQ(planted[0].name, "a = 1 and b = 1");
    EXPECT_NEAR(planted[0].effect, -0.4, 0.05);
    EXPECT_LT(planted[0].effectLow, planted[0].effect);
    EXPECT_GT(planted[0].effectHigh, planted[0].effect);
    const std::vector<Slice> single = search(columns, one, true);
    ASSERT_EQ(single.size(), 1u) << "the pairs of a = 1 say nothing that a = 1 does not";
    EXPECT_EQ(single[0].name, "a = 1");
}

TEST(Slices, OfNumbersAreThoseWithTheLargerError) {
    std::mt19937_64 random(18);
    std::uniform_real_distribution<double> unit(0, 1);
    std::vector<double> region, errors;
    for (int i = 0; i < 3'000; ++i) {
        region.push_back(i % 3);
        errors.push_back((i % 3 == 2 ? 300 : 100) * unit(random));
    }
    const std::vector<Slice> slices = search({numberColumn("region", region)}, errors, false);
    ASSERT_EQ(slices.size(), 1u);
    EXPECT_EQ(slices[0].name, "region = 2");
    EXPECT_EQ(slices[0].metric, "mae");
    EXPECT_NEAR(slices[0].value, 150, 10);
    EXPECT_NEAR(slices[0].effect, 100, 10);
}

TEST(Slices, NothingIsFoundInNoiseNineteenTimesOfTwenty) {
    std::mt19937_64 random(19);
    int found = 0;
    constexpr int kRounds = 60;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<data::Column> columns;
        for (const char* name : {"a", "b", "c", "d"}) {
            std::vector<double> values;
            for (int i = 0; i < 1'000; ++i)
                values.push_back(static_cast<double>(random() % 4));
            columns.push_back(numberColumn(name, values));
        }
        std::vector<double> errors;
        for (int i = 0; i < 1'000; ++i)
            errors.push_back(random() % 5 == 0 ? 1 : 0);
        found += search(columns, errors, true).empty() ? 0 : 1;
    }
    EXPECT_LE(found, 8) << "of 60; the level is 5 %";
}

TEST(Slices, NumbersThatAreCodesAreGroupedByValue) {
    const std::vector<std::uint32_t> rows{0, 1, 2, 3};
    const GroupedColumn grouped = groupColumn(numberColumn("flag", {1, 0, std::nan(""), 1}), rows);
    EXPECT_THAT(grouped.groups, testing::ElementsAre("= 0", "= 1", "missing"));
    EXPECT_THAT(grouped.ofRow, testing::ElementsAre(1, 0, 2, 1));
}

TEST(Slices, GroupsPartitionTheRows) {
    std::mt19937_64 random(8);
    for (int round = 0; round < 50; ++round) {
        std::vector<double> values;
        std::vector<std::uint32_t> rows;
        const std::uint64_t levels = 1 + random() % 12;
        for (std::uint32_t i = 0; i < 300; ++i) {
            values.push_back(random() % 7 == 0 ? std::nan("") : static_cast<double>(random() % levels));
            rows.push_back(i);
        }
        const GroupedColumn grouped = groupColumn(numberColumn("x", values), rows);
        for (const std::int32_t group : grouped.ofRow) {
            EXPECT_GE(group, 0);
            EXPECT_LT(group, static_cast<std::int32_t>(grouped.groups.size()));
        }
    }
}

struct ScoredRows {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

TEST(Fairness, RatesAndGapsPerGroup) {
    // 80 rows each of two groups, 5 of a third that is too small for the gaps.
    GroupedColumn groups{.name = "region", .groups = {"= north", "= south", "= sea"}, .ofRow = {}};
    ScoredRows rows;
    const auto add = [&](int count, std::int32_t group, float score, std::uint8_t label) {
        for (int i = 0; i < count; ++i) {
            groups.ofRow.push_back(group);
            rows.scores.push_back(score);
            rows.labels.push_back(label);
        }
    };
    add(40, 0, 0.9F, 1);
    add(40, 0, 0.1F, 0);
    add(20, 1, 0.9F, 1);
    add(20, 1, 0.1F, 1);
    add(40, 1, 0.1F, 0);
    add(5, 2, 0.9F, 0);
    const Fairness fairness = measureFairness(groups, rows.scores, rows.labels, 0.5);
    ASSERT_EQ(fairness.groups.size(), 3u);
    EXPECT_THAT(fairness.groups[0].truePositiveRate.value, Optional(1.0));
    EXPECT_THAT(fairness.groups[1].truePositiveRate.value, Optional(0.5));
    EXPECT_EQ(fairness.groups[2].truePositiveRate.value, std::nullopt);
    EXPECT_THAT(fairness.truePositive.value, Optional(0.5));
    EXPECT_THAT(fairness.selection.value, Optional(0.25));
    EXPECT_THAT(fairness.falsePositive.value, Optional(0.0));
    EXPECT_THAT(fairness.equalizedOdds, Optional(0.5));
    EXPECT_THAT(fairness.biasScore, Optional(0.5));
    EXPECT_LT(*fairness.truePositive.low, 0.5);
    EXPECT_GT(*fairness.truePositive.high, 0.5);
}

TEST(Fairness, GroupsWithTooFewRowsAreNoDataNotZero) {
    const GroupedColumn groups{.name = "region", .groups = {"= north", "= south"}, .ofRow = {0, 0, 1, 1}};
    const Fairness fairness =
        measureFairness(groups, std::vector<float>{0.9F, 0.1F, 0.9F, 0.1F}, std::vector<std::uint8_t>{1, 0, 1, 0}, 0.5);
    EXPECT_EQ(fairness.selection.value, std::nullopt);
    EXPECT_EQ(fairness.biasScore, std::nullopt);
    EXPECT_EQ(fairness.equalizedOdds, std::nullopt);
}

} // namespace
} // namespace perch::evaluate
