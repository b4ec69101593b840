#include "core/data/profile_builder.h"
#include "tests/quality/quality_fixture.h"

#include <numeric>

namespace perch::data {
namespace {

using testing::HasSubstr;
using enum QualityVerdict;

Table customers(std::size_t rows, double shift, std::uint64_t seed) {
    std::vector<double> age = uniforms(rows, seed), spent = uniforms(rows, seed + 1);
    const std::vector<double> dice = uniforms(rows, seed + 2);
    std::vector<std::string> plan;
    for (std::size_t i = 0; i < rows; ++i) {
        age[i] += shift;
        plan.push_back(dice[i] < 0.7 ? "free" : "pro");
    }
    return tableOf({numberColumn("age", age), numberColumn("spent", spent), textColumn("plan", plan)});
}

ReferenceProfile profileOf(const Table& table) {
    std::vector<Field> fields;
    for (const Column& column : table.columns)
        fields.push_back({.name = column.name, .type = column.type, .categories = column.categories});
    return buildProfile(table, RowTransform(std::move(fields)), allRows(table.rows),
                        std::vector<double>(table.columns.size(), 1));
}

QualityCheck drift(const Table& now, const ReferenceProfile& previous, std::optional<double> limit = {}) {
    spec::QualitySpec limits;
    limits.maximumDrift = limit;
    return checkNamed(checkTable(now, limits, QualitySubject{.previous = &previous, .previousName = "v7"}), "drift");
}

TEST(DriftCheck, ComparesWithThePreviousTraining) {
    const ReferenceProfile before = profileOf(customers(5'000, 0, 1));
    EXPECT_EQ(drift(customers(5'000, 0, 50), before).verdict, Pass);
    EXPECT_LT(*drift(customers(5'000, 0, 50), before).value, 0.01);
    const QualityCheck shifted = drift(customers(5'000, 0.4, 50), before);
    EXPECT_EQ(shifted.verdict, Warn); // no limit: a person should know
    EXPECT_EQ(shifted.columns.front().name, "age");
    EXPECT_THAT(shifted.sentence, HasSubstr("1 of 3 columns drifted against the training of v7; age most"));
    EXPECT_EQ(drift(customers(5'000, 0.4, 50), before, 0.25).verdict, Fail);
    EXPECT_EQ(drift(customers(5'000, 0.4, 50), before, 100).verdict, Pass);
}

TEST(DriftCheck, ANewCategoryIsDrift) {
    const ReferenceProfile before = profileOf(customers(5'000, 0, 1));
    Table now = customers(5'000, 0, 50);
    std::vector<std::string> plans;
    for (std::size_t i = 0; i < now.rows; ++i)
        plans.push_back(i % 2 == 0 ? "enterprise" : "free");
    now.columns[2] = textColumn("plan", plans);
    EXPECT_EQ(drift(now, before, 0.25).columns.front().name, "plan");
    EXPECT_EQ(drift(now, before, 0.25).verdict, Fail);
}

TEST(DriftCheck, IsUndecidedWithoutEnoughRows) {
    const ReferenceProfile before = profileOf(customers(5'000, 0, 1));
    const QualityCheck few = drift(customers(999, 0.4, 50), before, 0.25);
    EXPECT_EQ(few.verdict, NoData);
    EXPECT_EQ(few.value, std::nullopt);
    EXPECT_EQ(drift(customers(5'000, 0.4, 50), profileOf(customers(999, 0, 1)), 0.25).verdict, NoData);
}

TEST(DriftCheck, SaysWhichColumnCannotBeCompared) {
    const ReferenceProfile before = profileOf(customers(5'000, 0, 1));
    Table now = customers(5'000, 0, 50);
    now.columns.pop_back();
    EXPECT_EQ(drift(now, before).verdict, Warn);
    EXPECT_THAT(drift(now, before).sentence, HasSubstr("plan cannot be compared"));
    now.columns = {textColumn("age", std::vector<std::string>(5'000, "old"))};
    EXPECT_EQ(drift(now, before).verdict, NoData);
}

QualityCheck timeOrder(Column column, double testShare = 0.2) {
    const std::string name = column.name;
    const Table table = tableOf({std::move(column)});
    return checkNamed(checkTable(table, {}, QualitySubject{.timeColumn = name, .testShare = testShare}), "time order");
}

TEST(TimeOrderCheck, SaysWhereTheTestPartBegins) {
    std::vector<std::string> days;
    for (int i = 0; i < 100; ++i)
        days.push_back(fmt::format("2026-{:02}-{:02}", 1 + (i * 7 % 100) / 10, 1 + (i * 7 % 100) % 10)); // in no order
    const QualityCheck check = timeOrder(textColumn("observed_at", days));
    EXPECT_EQ(check.verdict, Pass);
    EXPECT_EQ(check.value, 0.2);
    EXPECT_THAT(check.sentence, HasSubstr("From observed_at 2026-09-01 on"));
}

TEST(TimeOrderCheck, FailsWhereTimeCannotDivideTheRows) {
    EXPECT_EQ(timeOrder(numberColumn("t", std::vector<double>(100, 5))).verdict, Fail);
    std::vector<double> gap(100);
    std::iota(gap.begin(), gap.end(), 0);
    gap[30] = kNone;
    EXPECT_THAT(timeOrder(numberColumn("t", gap)).sentence, HasSubstr("missing in 1 rows, first in row 31"));
    std::vector<double> ties(100, 9);
    std::fill_n(ties.begin(), 30, 1); // 70 % are newest
    EXPECT_EQ(timeOrder(numberColumn("t", ties)).verdict, Warn);
    const QualityReport absent = checkTable(goodTable(), {}, QualitySubject{.timeColumn = "when"});
    EXPECT_EQ(checkNamed(absent, "time order").verdict, Fail);
}

} // namespace
} // namespace perch::data
