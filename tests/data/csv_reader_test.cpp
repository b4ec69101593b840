#include "core/base/digest.h"
#include "core/data/column_builder.h"
#include "core/data/csv_reader.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <fstream>
#include <random>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvReader : public testing::Test {
protected:
    std::filesystem::path write(std::string_view text, std::string_view name = "t.csv") {
        std::ofstream(m_folder / name, std::ios::binary) << text;
        return m_folder / name;
    }
    Result<Table> read(std::string_view text, const CsvOptions& options = {}) {
        return readCsv(write(text), m_clock, options);
    }

    test::Folder m_folder;
    ManualClock m_clock{fromMillis(1'000)};
};

TEST_F(CsvReader, InfersTypesAndMissingValues) {
    const Table table = valueOf(
        read("amount,member,home,flag\n1.5,true,rent,0\n,FALSE,\"own, free\",1\nNA,,NA,\n-2e3, true ,rent,NaN\n"));
    ASSERT_EQ(table.rows, 4U);
    EXPECT_EQ(table.fingerprint.schema, "amount:number\nmember:boolean\nhome:category\nflag:number\n");
    const Column& amount = table.columns[0];
    EXPECT_EQ(amount.numbers[0], 1.5);
    EXPECT_TRUE(std::isnan(amount.numbers[1]) && std::isnan(amount.numbers[2]));
    EXPECT_EQ(amount.numbers[3], -2000);
    EXPECT_EQ(amount.missing, 2U);
    EXPECT_EQ(table.columns[1].numbers[3], 1);
    EXPECT_THAT(table.columns[2].categories, ElementsAre("own, free", "rent"));
    EXPECT_THAT(table.columns[2].codes, ElementsAre(1, 0, -1, 1));
    EXPECT_EQ(table.columns[3].missing, 2U);
    EXPECT_EQ(table.columns[0].cell(1), Cell());
    EXPECT_EQ(table.columns[1].cell(1), Cell(false));
    EXPECT_EQ(table.columns[2].cell(0), Cell(std::string("rent")));
}

TEST_F(CsvReader, TellsWhetherNumbersWereWrittenWhole) {
    const Table table = valueOf(read("whole,point,exponent,gap,long\n1,1.0,1e0,1,12345678901234567890\n-2,2,3,,5\n"));
    std::vector<bool> whole;
    for (const Column& column : table.columns)
        whole.push_back(column.whole);
    EXPECT_THAT(whole, ElementsAre(true, false, false, false, true));
}

TEST_F(CsvReader, KeepsNumbersBeyondFloatsOnlyWhereTheyAreWanted) {
    const char* text = "x\n1\ninf\n-1e300\nnan\n";
    EXPECT_THAT(read(text), failsWith(ErrorCode::InvalidInput, HasSubstr("32-bit float")));
    const Table table = valueOf(read(text, {.range = NumberRange::Any}));
    EXPECT_EQ(table.columns[0].numbers[1], std::numeric_limits<double>::infinity());
    EXPECT_EQ(table.columns[0].numbers[2], -1e300);
    EXPECT_EQ(table.columns[0].missing, 1U);
}

TEST_F(CsvReader, NumbersAreRoundedAsTheCLibraryRoundsThem) {
    std::mt19937_64 random(7);
    std::vector<std::string> texts = {"0", "-0", "1.", ".5", "-.25", "9007199254740993", "0.000000000000001", "1e5"};
    for (int i = 0; i < 2'000; ++i) {
        std::string text = std::to_string(random() % 100'000'000'000'000'000 >> random() % 56);
        if (random() % 2 == 0)
            text.insert(random() % (text.size() + 1), ".");
        texts.push_back((random() % 2 == 0 ? "-" : "") + text);
    }
    std::string csv = "a\n";
    for (const std::string& text : texts)
        csv += text + "\n";
    const Table table = valueOf(read(csv));
    for (std::size_t i = 0; i < texts.size(); ++i)
        EXPECT_EQ(table.columns[0].numbers[i], std::strtod(texts[i].c_str(), nullptr)) << texts[i];
    EXPECT_THAT(read("a\n1\n-\n", {.declared = {{"a", FieldType::Number}}}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\"-\"")));
    EXPECT_THAT(read("a\n1\n.\n", {.declared = {{"a", FieldType::Number}}}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\".\"")));
}

TEST_F(CsvReader, ATextAfterNumbersMakesTheWholeColumnTextsAsWritten) {
    const Table table = valueOf(read("zip,x\n,1\n007,2\n1.50,3\nK1A,4\n"));
    EXPECT_EQ(table.columns[0].type, FieldType::Category);
    EXPECT_THAT(table.columns[0].categories, ElementsAre("007", "1.50", "K1A"));
    EXPECT_THAT(table.columns[0].codes, ElementsAre(-1, 0, 1, 2));
    EXPECT_EQ(table.columns[1].numbers[3], 4);
}

TEST_F(CsvReader, ReadsManyBlocksAndQuotedLineBreaks) {
    std::string text = "\xEF\xBB\xBFid,text\n";
    for (int i = 0; i < 200'000; ++i)
        text += fmt::format("{},\"line {}\nbreak \"\"q\"\"\"\n", i, i % 3);
    const Table table = valueOf(read(text));
    ASSERT_EQ(table.rows, 200'000U);
    EXPECT_EQ(table.columns[0].name, "id");
    EXPECT_EQ(table.columns[0].numbers[199'999], 199'999);
    EXPECT_THAT(table.columns[1].categories,
                ElementsAre("line 0\nbreak \"q\"", "line 1\nbreak \"q\"", "line 2\nbreak \"q\""));
    EXPECT_EQ(table.fingerprint.content, sha256(text));
}

TEST_F(CsvReader, FingerprintIsOfTheDataNotOfThePlace) {
    const Table one = valueOf(read("a,b\n1,x\n"));
    m_clock.advance(std::chrono::seconds(5));
    const Table two = valueOf(readCsv(write("a,b\n1,x\n", "other.csv"), m_clock));
    const Table three = valueOf(readCsv(write("a,b\n1,y\n", "third.csv"), m_clock));
    EXPECT_EQ(one.fingerprint.digest(), two.fingerprint.digest());
    EXPECT_NE(one.fingerprint.source, two.fingerprint.source);
    EXPECT_NE(one.fingerprint.digest(), three.fingerprint.digest());
    EXPECT_EQ(one.fingerprint.rows, 1U);
}

TEST_F(CsvReader, ChoosesColumnsAndTypes) {
    const CsvOptions chosen{.declared = {{"a", FieldType::Category}}, .columns = {"c", "a"}};
    const Table table = valueOf(read("a,b,c\n1,text,2\n2,text,3\n", chosen));
    ASSERT_EQ(table.columns.size(), 2U);
    EXPECT_THAT(table.columns[0].categories, ElementsAre("1", "2"));
    const Table rest = valueOf(read("a,b,c\n1,text,2\n", {.ignored = {"b"}}));
    EXPECT_EQ(rest.fingerprint.schema, "a:number\nc:number\n");
    EXPECT_THAT(read("a,b\n1,2\n", {.columns = {"B2"}}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"B2\"; the nearest is \"b\"")));
}

TEST_F(CsvReader, BadFilesAreOneSentence) {
    const auto wrong = [&](std::string_view text) { return read(text).error(); };
    EXPECT_THAT(readCsv(m_folder / "no.csv", m_clock), failsWith(ErrorCode::NotFound, HasSubstr("no.csv")));
    EXPECT_THAT(readCsv(m_folder.path(), m_clock), failsWith(ErrorCode::InvalidInput, HasSubstr("is a folder")));
    EXPECT_THAT(wrong("").message, HasSubstr("t.csv is empty"));
    EXPECT_THAT(wrong("a,b\n").message, HasSubstr("has a header but no rows"));
    EXPECT_THAT(wrong("a,b").message, HasSubstr("has a header but no rows"));
    EXPECT_THAT(wrong("a,b\n1,2\n3\n").message, HasSubstr("row 3 has 1 cells where the header has 2"));
    EXPECT_THAT(wrong("a,b\n1,2\n3,4,5\n").message, HasSubstr("row 3 has 3 cells"));
    EXPECT_THAT(wrong("a,b,a\n1,2,3\n").message, HasSubstr("\"a\" is there twice"));
    EXPECT_THAT(wrong("a,,c\n1,2,3\n").message, HasSubstr("column 2 has no name"));
    EXPECT_THAT(wrong("a,b\n1,x\n1,\xFFy\n").message,
                AllOf(HasSubstr("\"b\""), HasSubstr("not UTF-8"), HasSubstr("row 3")));
    EXPECT_THAT(wrong("a\n1\n1e300\n").message, AllOf(HasSubstr("\"a\""), HasSubstr("1e300"), HasSubstr("row 3")));
    EXPECT_THAT(wrong("a\n1\n1e999\n").message, HasSubstr("1e999"));
    EXPECT_EQ(wrong("a,b\n1,2\n3\n").code, ErrorCode::InvalidInput);
}

TEST_F(CsvReader, DeclaredTypesAreKept) {
    const CsvOptions declared{.declared = {{"a", FieldType::Number}, {"b", FieldType::Boolean}}};
    EXPECT_THAT(read("a,b\n1,true\nmany,false\n", declared),
                failsWith(ErrorCode::InvalidInput, AllOf(HasSubstr("\"many\""), HasSubstr("row 3"))));
    EXPECT_THAT(read("a,b\n1,2\n", declared), failsWith(ErrorCode::InvalidInput, HasSubstr("true or false")));
    EXPECT_EQ(valueOf(read("a,b\n1,1\n", declared)).columns[1].type, FieldType::Boolean);
}

TEST_F(CsvReader, BoundsCategories) {
    std::string text = "id,x\n";
    for (int i = 0; i < 11; ++i)
        text += fmt::format("c{},1\n", i);
    EXPECT_THAT(read(text, {.maximumCategories = 10}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\"id\" is a text with more than 10")));
    EXPECT_EQ(valueOf(read(text, {.maximumCategories = 11})).rows, 11U);
}

TEST_F(CsvReader, StopsWhenAsked) {
    std::stop_source source;
    source.request_stop();
    EXPECT_THAT(readCsv(write("a\n1\n"), m_clock, {}, source.get_token()),
                failsWith(ErrorCode::Cancelled, HasSubstr("t.csv")));
}

TEST(Utf8, AcceptsTextAndRefusesBrokenBytes) {
    EXPECT_TRUE(isUtf8("plain"));
    EXPECT_TRUE(isUtf8("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80"));
    for (const std::string_view bad : {"\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\x80"})
        EXPECT_FALSE(isUtf8(bad)) << bad;
    EXPECT_FALSE(isUtf8(std::string_view("a\0b", 3)));
}

} // namespace
} // namespace perch::data
