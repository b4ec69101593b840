#include "core/drift/accuracy_effect.h"
#include "core/drift/column_transport.h"
#include "tests/support/test_support.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace perch::drift {
namespace {

using test::valueOf;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

data::Column numbers(data::Numbers values) {
    data::Column column{.name = "x", .numbers = std::move(values)};
    column.missing = static_cast<std::uint64_t>(
        std::ranges::count_if(column.numbers, [](double value) { return std::isnan(value); }));
    return column;
}

data::Column categories(std::vector<std::string> names, data::Codes codes) {
    data::Column column{.name = "c", .type = data::FieldType::Category, .codes = std::move(codes)};
    column.categories = std::move(names);
    column.missing = static_cast<std::uint64_t>(std::ranges::count(column.codes, -1));
    return column;
}

std::vector<std::string> textsOf(const data::Column& column) {
    std::vector<std::string> texts;
    for (const std::int32_t code : column.codes)
        texts.push_back(code < 0 ? "missing" : column.categories[static_cast<std::size_t>(code)]);
    return texts;
}

TEST(MoveToReference, NumbersKeepTheirRank) {
    const data::Column moved = moveToReference(numbers({30, 10, 20}), numbers({1, 2, 3}));
    EXPECT_EQ(moved.numbers, (data::Numbers{3, 1, 2}));
    // Another number of rows: the quantiles.
    EXPECT_EQ(moveToReference(numbers({8, 7, 6, 5}), numbers({1, 2})).numbers, (data::Numbers{2, 2, 1, 1}));
}

TEST(MoveToReference, NumbersAreMissingAsOftenAsInTheReference) {
    data::Numbers current, reference;
    for (int i = 0; i < 100; ++i) {
        current.push_back(i % 5 == 0 ? kNone : i);
        reference.push_back(i % 2 == 0 ? kNone : 1'000 + i);
    }
    const data::Column more = moveToReference(numbers(current), numbers(reference));
    EXPECT_EQ(more.missing, 50u);
    const data::Column fewer = moveToReference(numbers(reference), numbers(current));
    EXPECT_EQ(fewer.missing, 20u);
    data::Numbers sorted = fewer.numbers, expected = current;
    std::erase_if(sorted, [](double value) { return std::isnan(value); });
    std::erase_if(expected, [](double value) { return std::isnan(value); });
    std::ranges::sort(sorted);
    EXPECT_EQ(sorted, expected);
    EXPECT_EQ(moveToReference(numbers({1, 2}), numbers({kNone})).missing, 2u);
    EXPECT_EQ(moveToReference(numbers({kNone, kNone}), numbers({4, 5})).missing, 0u);
}

TEST(MoveToReference, FewValuesChange) {
    const data::Column current = categories({"a", "b", "new"}, {0, 0, 0, 0, 0, 0, 0, 1, 2, -1}),
                       reference = categories({"a", "b", "c"}, {0, 0, 0, 0, 0, 1, 1, 1, 2, 2});
    const data::Column moved = moveToReference(current, reference);
    std::vector<std::string> after = textsOf(moved), before = textsOf(current);
    int changed = 0;
    for (std::size_t row = 0; row < after.size(); ++row)
        changed += after[row] != before[row];
    EXPECT_EQ(changed, 4); // two a, the new one, the missing one
    std::ranges::sort(after);
    EXPECT_EQ(after, (std::vector<std::string>{"a", "a", "a", "a", "a", "b", "b", "b", "c", "c"}));
    EXPECT_EQ(moved.missing, 0u);
    EXPECT_EQ(textsOf(moveToReference(current, current)), before);
}

/// The score is the logistic of 2 a + b.
class TwoInputs final : public model::Predictor {
public:
    TwoInputs() {
        m_package.card.classes = {"no", "yes"};
        m_package.card.threshold = 0.5;
        m_package.transform = data::RowTransform({{.name = "a"}, {.name = "b"}});
    }
    const model::Package& package() const override { return m_package; }
    std::size_t outputs() const override { return 1; }
    Result<std::vector<float>> score(std::span<const float> rows) const override {
        std::vector<float> scores = valueOf(margins(rows));
        for (float& score : scores)
            score = 1 / (1 + std::exp(-score));
        return scores;
    }
    Result<std::vector<float>> margins(std::span<const float> rows) const override {
        std::vector<float> margins;
        for (std::size_t i = 0; i < rows.size(); i += 2)
            margins.push_back(2 * rows[i] + rows[i + 1]);
        return margins;
    }
    Result<std::vector<float>> contributions(std::span<const float> rows) const override {
        return std::vector<float>(rows.size() / 2 * 3);
    }
    model::Prediction decide(std::span<const float> scores) const override {
        return {scores[0], scores[0] >= 0.5F ? 1U : 0U, 1};
    }

private:
    model::Package m_package;
};

data::Table makeTwoInputs(std::uint64_t seed, double meanA, double meanB) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    data::Table table{.rows = 25'000}; // more than are sampled
    table.columns = {{.name = "a"}, {.name = "b"}};
    for (std::size_t i = 0; i < table.rows; ++i) {
        table.columns[0].numbers.push_back(meanA + normal(random));
        table.columns[1].numbers.push_back(meanB + normal(random));
    }
    return table;
}

AccuracyEffects effectsOf(const data::Table& reference, const data::Table& current) {
    const TwoInputs model;
    const auto scoresOf = [&](const data::Table& table) {
        std::vector<float> rows;
        for (std::size_t i = 0; i < table.rows; ++i)
            rows.insert(rows.end(), {static_cast<float>(table.columns[0].numbers[i]),
                                     static_cast<float>(table.columns[1].numbers[i])});
        return valueOf(model.score(rows));
    };
    const std::vector<float> before = scoresOf(reference), after = scoresOf(current);
    return valueOf(measureAccuracyEffects(model, reference, current, before, after, nullptr, {}));
}

TEST(AccuracyEffects, BelongToTheFeatureThatMoved) {
    // Far from its threshold a model is surer; moved to it, it errs more.
    const AccuracyEffects effects = effectsOf(makeTwoInputs(1, 3, 0), makeTwoInputs(2, 1, 0));
    EXPECT_LT(effects.change(), -0.05);
    EXPECT_NEAR(effects.features.at("a"), effects.change(), 0.01);
    EXPECT_NEAR(effects.features.at("b"), 0, 0.003);
    EXPECT_NEAR(effects.unexplained(), 0, 0.01);
    EXPECT_EQ(effects.rows, 8'334u); // every third
}

TEST(AccuracyEffects, AreNoneWithoutAShift) {
    const AccuracyEffects effects = effectsOf(makeTwoInputs(3, 1, 1), makeTwoInputs(4, 1, 1));
    EXPECT_NEAR(effects.change(), 0, 0.005);
    for (const auto& [feature, effect] : effects.features)
        EXPECT_NEAR(effect, 0, 0.003) << feature;
}

} // namespace
} // namespace perch::drift
