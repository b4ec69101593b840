#include "core/data/split_kinds.h"
#include "tests/support/test_support.h"

#include <set>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Every row is on exactly one side.
void expectWhole(const Split& split, std::size_t rows) {
    std::set<std::uint32_t> all(split.kept.begin(), split.kept.end());
    all.insert(split.cut.begin(), split.cut.end());
    EXPECT_EQ(all.size(), rows);
    EXPECT_EQ(split.kept.size() + split.cut.size(), rows);
}

TEST(RandomSplit, CutsTheShareAndIsRepeatable) {
    const Split split = randomSplit(allRows(101), 0.2, 7);
    EXPECT_EQ(split.cut.size(), 21U);
    expectWhole(split, 101);
    EXPECT_EQ(randomSplit(allRows(101), 0.2, 7).cut, split.cut);
    EXPECT_NE(randomSplit(allRows(101), 0.2, 8).cut, split.cut);
}

TEST(GroupSplit, KeepsGroupsTogether) {
    std::vector<double> keys;
    for (int i = 0; i < 200; ++i)
        keys.push_back(i * 7 % 31);
    const Split split = valueOf(groupSplit(allRows(200), keys, 0.25, 3));
    expectWhole(split, 200);
    EXPECT_GE(split.cut.size(), 50U);
    EXPECT_LE(split.cut.size(), 60U);
    std::set<double> kept, cut;
    for (const std::uint32_t row : split.kept)
        kept.insert(keys[row]);
    for (const std::uint32_t row : split.cut)
        cut.insert(keys[row]);
    for (const double key : cut)
        EXPECT_FALSE(kept.contains(key));
    const std::vector<double> one(10, 1.0);
    EXPECT_THAT(groupSplit(allRows(10), one, 0.2, 1), failsWith(ErrorCode::InvalidInput, HasSubstr("1 groups")));
}

TEST(TimeSplit, TheNewestAreCutAndTiesGoTogether) {
    const std::vector<double> times = {5, 1, 4, 4, 2, 4, 3, 0, 6, 2};
    const Split split = valueOf(timeSplit(allRows(10), times, 0.3));
    EXPECT_THAT(split.cut, ElementsAre(0, 2, 3, 5, 8)) << "all rows of the time 4 with the newest three";
    expectWhole(split, 10);
    const std::vector<double> mostlyNew = {0, 1, 1, 1, 1};
    EXPECT_THAT(valueOf(timeSplit(allRows(5), mostlyNew, 0.2)).kept, ElementsAre(0));
    const std::vector<double> mostlyOld = {0, 0, 0, 0, 1};
    EXPECT_THAT(valueOf(timeSplit(allRows(5), mostlyOld, 0.5)).cut, ElementsAre(4));
    const std::vector<double> one(5, 1.0);
    EXPECT_THAT(timeSplit(allRows(5), one, 0.2), failsWith(ErrorCode::InvalidInput, HasSubstr("two different times")));
}

TEST(SplitKeys, OrderTextsByTheirBytes) {
    Table table;
    table.rows = 3;
    table.columns.push_back({.name = "t",
                             .type = FieldType::Category,
                             .codes = {1, 0, 2},
                             .categories = {"2026-01-01", "2026-01-02", "2026-02-01"}});
    table.columns.push_back({.name = "n", .numbers = {1, 2, 3}, .missing = 1});
    EXPECT_THAT(valueOf(splitKeys(table, "t")), ElementsAre(1, 0, 2));
    EXPECT_THAT(splitKeys(table, "n"), failsWith(ErrorCode::InvalidInput, HasSubstr("\"n\" of the split is missing")));
}

} // namespace
} // namespace perch::data
