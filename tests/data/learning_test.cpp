#include "core/data/learned_transform.h"
#include "core/data/profile_builder.h"
#include "core/data/seeded_random.h"
#include "core/data/table_encoder.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <numeric>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

const double kNone = std::nan("");

TEST(SeededRandom, GivesTheSameNumbersEverywhere) {
    // xoshiro256** seeded by splitmix64(42), from the authors' reference code.
    SeededRandom random(42);
    EXPECT_EQ(random.next(), 1546998764402558742U);
    EXPECT_EQ(random.next(), 6990951692964543102U);
    for (int i = 0; i < 1000; ++i)
        EXPECT_LT(random.below(7), 7U);
}

TEST(StratifiedSplit, KeepsTheSharesAndDependsOnlyOnTheSeed) {
    std::vector<std::uint8_t> classOf(1000);
    std::fill(classOf.begin(), classOf.begin() + 30, std::uint8_t{1});
    const Split split = stratifiedSplit(allRows(1000), classOf, 0.2, 42);
    EXPECT_EQ(split.cut.size(), 200U);
    EXPECT_EQ(std::count_if(split.cut.begin(), split.cut.end(), [&](auto row) { return classOf[row] == 1; }), 6);
    Rows together = split.kept;
    together.insert(together.end(), split.cut.begin(), split.cut.end());
    std::sort(together.begin(), together.end());
    EXPECT_EQ(together, allRows(1000));
    EXPECT_EQ(stratifiedSplit(allRows(1000), classOf, 0.2, 42).cut, split.cut);
    EXPECT_NE(stratifiedSplit(allRows(1000), classOf, 0.2, 43).cut, split.cut);
}

TEST(StratifiedSplit, IsThatOfScikitLearn) {
    // train_test_split(range(40), test_size=s, stratify=[1 if i % 3 == 0 else 0 for i in range(40)], random_state=r)[1]
    std::vector<std::uint8_t> classOf;
    for (int i = 0; i < 40; ++i)
        classOf.push_back(i % 3 == 0 ? 1 : 0);
    EXPECT_THAT(stratifiedSplit(allRows(40), classOf, 0.2, 42).cut, ElementsAre(10, 11, 15, 16, 22, 27, 29, 33));
    EXPECT_THAT(stratifiedSplit(allRows(40), classOf, 0.25, 7).cut, ElementsAre(0, 5, 6, 7, 11, 22, 24, 29, 33, 34));
    EXPECT_THAT(stratifiedSplit(allRows(40), classOf, 0.33, 123456).cut,
                ElementsAre(1, 2, 7, 12, 16, 17, 21, 23, 26, 28, 30, 32, 36, 39));
}

TEST(StratifiedSplit, RareClassesAreInBothParts) {
    const std::vector<std::uint8_t> classOf = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    const Split split = stratifiedSplit(allRows(10), classOf, 0.2, 1);
    const auto positives = [&](const Rows& rows) {
        return std::count_if(rows.begin(), rows.end(), [&](auto row) { return classOf[row] == 1; });
    };
    EXPECT_EQ(positives(split.cut), 1);
    EXPECT_EQ(positives(split.kept), 1);
}

Table sampleTable() {
    Table table;
    table.rows = 6;
    table.fingerprint.source = "t.csv";
    table.columns = {{"amount", FieldType::Number, {4, kNone, 1, 3, 100, 0.1}, {}, {}, 1},
                     {"member", FieldType::Boolean, {1, 0, 1, kNone, 0, 0}, {}, {}, 1},
                     {"home", FieldType::Category, {}, {0, 2, 2, -1, 1, 1}, {"own", "rent", "tent"}, 1}};
    return table;
}

TEST(LearnTransform, LearnsOnTheTrainingRowsOnly) {
    const Table table = sampleTable();
    const RowTransform transform = valueOf(learnTransform(table, {0, 1, 2}, {0, 1, 2, 3}, Imputation::MedianAndMode));
    EXPECT_EQ(transform.fields()[0].imputedNumber, 3) << "the median of 4, 1, 3; 100 is in no training row";
    EXPECT_EQ(transform.fields()[1].imputedNumber, 1);
    EXPECT_THAT(transform.fields()[2].categories, ElementsAre("own", "tent"));
    EXPECT_EQ(transform.fields()[2].imputedCode, 1U);
    EXPECT_EQ(valueOf(learnTransform(table, {0}, {2, 3}, Imputation::MedianAndMode)).fields()[0].imputedNumber, 2);
    EXPECT_EQ(valueOf(learnTransform(table, {0}, {0, 1}, Imputation::Off)).fields()[0].imputedNumber, std::nullopt);
}

TEST(LearnTransform, NamesAColumnOfOnlyMissingValues) {
    Table table = sampleTable();
    EXPECT_THAT(
        learnTransform(table, {0, 1, 2}, {1}, Imputation::Off),
        failsWith(ErrorCode::InvalidInput, HasSubstr("\"amount\" holds only missing values in the training rows")));
    table.columns[2].codes.assign(6, -1);
    table.columns[2].missing = 6;
    EXPECT_THAT(learnTransform(table, {2}, allRows(6), Imputation::Off),
                failsWith(ErrorCode::InvalidInput,
                          HasSubstr("t.csv: the column \"home\" holds only missing values; leave it out.")));
}

TEST(TableEncoder, AgreesWithTheTransformOfOneRow) {
    const Table table = sampleTable();
    for (const Imputation imputation : {Imputation::Off, Imputation::MedianAndMode}) {
        const RowTransform transform = valueOf(learnTransform(table, {2, 0, 1}, {0, 1, 2, 3}, imputation));
        const TableEncoder encoder = valueOf(TableEncoder::create(table, transform));
        const std::vector<float> batch = encoder.encode(allRows(6));
        for (std::size_t row = 0; row < 6; ++row) {
            for (std::size_t i = 0; i < 3; ++i) {
                const Cell cell = table.columns[*table.find(transform.fields()[i].name)].cell(row);
                const float one = valueOf(transform.encode(i, cell)), many = batch[row * 3 + i];
                EXPECT_TRUE(one == many || (std::isnan(one) && std::isnan(many))) << row << ' ' << i;
            }
        }
        EXPECT_EQ(encoder.unseenCells(), 2U);
    }
}

TEST(TableEncoder, NamesWhatDoesNotFit) {
    Table table = sampleTable();
    const RowTransform transform = valueOf(learnTransform(table, {0, 1, 2}, allRows(6), Imputation::Off));
    table.columns[0].type = FieldType::Boolean;
    EXPECT_THAT(TableEncoder::create(table, transform), failsWith(ErrorCode::InvalidInput, HasSubstr("\"amount\"")));
    table.columns[0].name = "amuont";
    EXPECT_THAT(TableEncoder::create(table, transform),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"amount\"; the nearest are amuont")));
}

TEST(BuildProfile, CutsDecilesAndCountsEveryTrainingRow) {
    Table table;
    table.rows = 1000;
    Column number{"x", FieldType::Number}, binary{"zero_one", FieldType::Number}, category{"c", FieldType::Category};
    for (int i = 0; i < 30; ++i)
        category.categories.push_back(fmt::format("c{:02}", i));
    for (int i = 0; i < 1000; ++i) {
        number.numbers.push_back(i % 100 == 7 ? kNone : i * 0.1);
        binary.numbers.push_back(i % 5 == 0 ? 1 : 0);
        category.codes.push_back(i % 10 == 3 ? -1 : (i * i) % 30);
    }
    table.columns = {number, binary, category};
    const RowTransform transform = valueOf(learnTransform(table, {0, 1, 2}, allRows(1000), Imputation::Off));
    const ReferenceProfile profile = buildProfile(table, transform, allRows(1000), std::vector<double>{1, 0, 3});
    ASSERT_EQ(profile.features.size(), 3U);
    EXPECT_EQ(profile.features[0].feature, "c");
    EXPECT_EQ(profile.features[0].importance, 0.75);
    const FeatureBins& x = profile.features[1];
    ASSERT_EQ(x.labels.size(), 11U);
    EXPECT_EQ(x.counts.back(), 10U);
    for (std::size_t bin = 0; bin < 10; ++bin)
        EXPECT_NEAR(static_cast<double>(x.counts[bin]), 99, 1) << x.labels[bin];
    EXPECT_THAT(profile.features[2].labels, ElementsAre("(-inf, 0]", "(0, +inf)", "missing"));
    EXPECT_THAT(profile.features[2].counts, ElementsAre(800U, 200U, 0U));
    for (const FeatureBins& bins : profile.features) {
        EXPECT_EQ(std::accumulate(bins.counts.begin(), bins.counts.end(), std::uint64_t{0}), 1000U);
        const Column& column = table.columns[*table.find(bins.feature)];
        std::vector<std::uint64_t> counted(bins.counts.size());
        const std::size_t feature = static_cast<std::size_t>(&bins - profile.features.data());
        for (std::size_t row = 0; row < 1000; ++row)
            ++counted[profile.binOf(feature, transform, column.cell(row))];
        EXPECT_EQ(counted, bins.counts) << "serving puts the training rows into the same bins";
    }
}

} // namespace
} // namespace perch::data
