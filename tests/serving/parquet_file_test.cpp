#include "core/data/read_table.h"
#include "core/data/seeded_random.h"
#include "core/serving/parquet_file.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <fstream>
#include <optional>

namespace perch::test {
namespace {

using serving::ParquetColumn;

data::Table read(const Folder& folder, const std::vector<ParquetColumn>& columns) {
    const std::string file = (folder / "x.parquet").string();
    std::ofstream(file, std::ios::binary) << serving::parquetFile(columns);
    const RealClock clock;
    return valueOf(data::readTable(data::sourceOfPath(file), {.clock = &clock}, {.maximumCategories = 100'000}));
}

TEST(ParquetFile, HoldsEveryTypeAndWhatIsMissing) {
    using Type = ParquetColumn::Type;
    const Folder folder;
    std::vector<ParquetColumn> columns = {{"flag", Type::Boolean}, {"time", Type::Time}, {"small", Type::Float},
                                          {"large", Type::Double}, {"text", Type::Text}, {"never", Type::Double}};
    data::SeededRandom random(3);
    std::vector<std::optional<double>> large;
    std::vector<std::optional<std::string>> text;
    std::vector<std::optional<bool>> flags;
    constexpr std::size_t kRows = 1'003; // neither whole bytes of bits nor whole runs
    for (std::size_t i = 0; i < kRows; ++i) {
        flags.push_back(random.below(3) == 0 ? std::nullopt : std::optional(random.below(2) == 1));
        large.push_back(i < 300 || random.below(2) == 0 ? std::nullopt : std::optional(random.uniform() * 1e30));
        text.push_back(random.below(4) == 0 ? std::nullopt
                                            : std::optional(std::string(random.below(200), 'x') + "\xc3\xa9\"" +
                                                            std::to_string(random.below(50))));
        flags.back() ? columns[0].addBoolean(*flags.back()) : columns[0].addMissing();
        columns[1].addTime(1'764'000'000'000 + static_cast<std::int64_t>(i));
        columns[2].addFloat(0.1F * static_cast<float>(i));
        large.back() ? columns[3].addDouble(*large.back()) : columns[3].addMissing();
        text.back() ? columns[4].addText(*text.back()) : columns[4].addMissing();
        columns[5].addMissing();
    }
    const data::Table table = read(folder, columns);
    ASSERT_EQ(table.rows, kRows);
    ASSERT_EQ(table.columns.size(), columns.size());
    for (std::size_t i = 0; i < kRows; ++i) {
        EXPECT_EQ(std::isnan(table.columns[0].numbers[i]), !flags[i]) << i;
        if (flags[i]) {
            EXPECT_EQ(table.columns[0].numbers[i], *flags[i] ? 1 : 0) << i;
        }
        EXPECT_DOUBLE_EQ(table.columns[1].numbers[i], (1'764'000'000'000.0 + static_cast<double>(i)) / 1'000) << i;
        EXPECT_EQ(table.columns[2].numbers[i], static_cast<double>(0.1F * static_cast<float>(i))) << i;
        EXPECT_EQ(std::isnan(table.columns[3].numbers[i]), !large[i]) << i;
        if (large[i]) {
            EXPECT_EQ(table.columns[3].numbers[i], *large[i]) << i;
        }
        const data::Cell cell = table.columns[4].cell(static_cast<std::size_t>(i));
        EXPECT_EQ(std::holds_alternative<std::monostate>(cell), !text[i]) << i;
        if (text[i]) {
            EXPECT_EQ(std::get<std::string>(cell), *text[i]) << i;
        }
    }
    EXPECT_EQ(table.columns[5].missing, kRows);
}

TEST(ParquetFile, HasManyColumns) {
    const Folder folder;
    std::vector<ParquetColumn> columns;
    for (int i = 0; i < 300; ++i) {
        columns.emplace_back("c" + std::to_string(i), ParquetColumn::Type::Double);
        columns.back().addDouble(i);
    }
    const data::Table table = read(folder, columns);
    ASSERT_EQ(table.columns.size(), 300U);
    EXPECT_EQ(table.columns[299].name, "c299");
    EXPECT_EQ(table.columns[299].numbers[0], 299);
}

} // namespace
} // namespace perch::test
