#include "core/data/table_stream.h"
#include "tests/support/test_support.h"

#include <fstream>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class TableStreamTest : public testing::Test {
protected:
    Result<TableStream> open(const std::string& text, std::size_t rowsAtOnce) {
        std::ofstream(m_folder / "t.csv", std::ios::binary) << text;
        return TableStream::open(sourceOfPath((m_folder / "t.csv").string()), {.clock = &m_clock},
                                 {.declared = {{"a", FieldType::Number}, {"b", FieldType::Category}}}, rowsAtOnce);
    }
    static std::string rowsText(int rows) {
        std::string text = "a,b\n";
        for (int i = 0; i < rows; ++i)
            text += fmt::format("{},{}\n", i, i % 3 == 0 ? "x" : "y");
        return text;
    }

    test::Folder m_folder;
    RealClock m_clock;
};

TEST_F(TableStreamTest, PartsAreTheWhole) {
    TableStream stream = valueOf(open(rowsText(150'000), 20'000));
    int row = 0, parts = 0;
    while (const std::optional<Table> table = valueOf(stream.next())) {
        ++parts;
        for (std::size_t i = 0; i < table->rows; ++i, ++row) {
            ASSERT_EQ(table->columns[0].numbers[i], row);
            ASSERT_EQ(table->columns[1].cell(i), Cell(std::string(row % 3 == 0 ? "x" : "y")));
        }
    }
    EXPECT_EQ(row, 150'000);
    EXPECT_GT(parts, 1);
    EXPECT_GT(stream.share(), 0.99);
    const Table whole = valueOf(readTable(sourceOfPath((m_folder / "t.csv").string()), {.clock = &m_clock}));
    EXPECT_EQ(stream.content(), whole.fingerprint.content);
    EXPECT_FALSE(valueOf(stream.next()).has_value()) << "the end stays the end";
}

TEST_F(TableStreamTest, ABadCellIsNamedByItsRowInTheFile) {
    TableStream stream = valueOf(open(rowsText(150'000) + "seven,x\n", 20'000));
    Result<std::optional<Table>> table = stream.next();
    while (table && *table)
        table = stream.next();
    EXPECT_THAT(table, failsWith(ErrorCode::InvalidInput, HasSubstr("150002")));
}

TEST_F(TableStreamTest, NoRowsIsAnError) {
    TableStream stream = valueOf(open("a,b\n", 10));
    EXPECT_THAT(stream.next(), failsWith(ErrorCode::InvalidInput, HasSubstr("no rows")));
}

TEST_F(TableStreamTest, StopsWhenAskedAlsoWhileReadingAhead) {
    std::stop_source stop;
    TableStream stream = valueOf(open(rowsText(200'000), 20'000));
    ASSERT_TRUE(valueOf(stream.next(stop.get_token())).has_value());
    stop.request_stop();
    Result<std::optional<Table>> table = stream.next(stop.get_token());
    while (table && *table)
        table = stream.next(stop.get_token());
    EXPECT_THAT(table, failsWith(ErrorCode::Cancelled, testing::_));
}

} // namespace
} // namespace perch::data
