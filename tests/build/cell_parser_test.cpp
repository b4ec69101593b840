#include "core/data/build/cell_parser.h"

#include "core/base/utf8.h"
#include "core/data/build/look_back.h"
#include "tests/support/test_support.h"

namespace perch::data {
namespace {

Micros at(std::string_view text) {
    return parseTimestamp(text).value();
}

TEST(CellParser, ReadsAmounts) {
    const std::pair<const char*, double> amounts[] = {
        {"12", 12},          {"12.5", 12.5},         {"1,234.50", 1234.5},    {"1,234", 1234},      {"$12.00", 12},
        {"(3.10)", -3.1},    {"($3.10)", -3.1},      {"-$3.10", -3.1},        {"$-3.10", -3.1},     {"+4", 4},
        {"12.00 EUR", 12},   {"USD 12.00", 12},      {"€ 1.234,50", 1234.5},  {"1.234,50 €", 1234.5}, {"12,50", 12.5},
        {"12,5", 12.5},      {"1.234.567", 1234567}, {"1,234,567", 1234567},  {"1,234,567.891", 1234567.891},
        {"1'234.50", 1234.5}, {"1 234,50", 1234.5},  {"1\u00A0234,50", 1234.5}, {"0.125", 0.125},   {"1234.567", 1234.567},
        {".5", 0.5},         {"  7 ", 7},            {"−2", -2},              {"0,99", 0.99},
    };
    for (const auto& [text, value] : amounts) {
        const std::optional<double> read = parseMoney(text);
        ASSERT_TRUE(read) << text;
        EXPECT_DOUBLE_EQ(*read, value) << text;
    }
}

TEST(CellParser, RefusesWhatIsNoAmount) {
    for (const char* text : {"", "-", "$", "abc", "=1+1", "1.234" /* 1.234 or 1234? */, "12.345", "1,23,456", "1.23.456",
                             "12,3456,7", "1,2,3", "--3", "(-3)", "1e5", "nan", "inf", "12 34", "1.234,5,6", "5%", "()", "0,123",
                             "$ $5", "1..2", "1234,567.00", ","}) {
        EXPECT_EQ(parseMoney(text), std::nullopt) << text;
    }
}

TEST(CellParser, ReadsTimesToUtc) {
    EXPECT_EQ(at("1970-01-01"), 0);
    EXPECT_EQ(at("2026-05-01T10:00:00Z"), at("2026-05-01T12:00:00+02:00"));
    EXPECT_EQ(at("2026-05-01 10:00:00+00"), at("2026-05-01T05:30:00-0430"));
    EXPECT_EQ(at("2026-05-01 10:00"), at("2026-05-01T10:00:00.000"));
    EXPECT_EQ(at("2026-05-01"), at("2026-05-01T00:00:00Z"));
    EXPECT_EQ(at("2026-05-01T10:00:00.1234567Z") - at("2026-05-01T10:00:00Z"), 123'456);
    EXPECT_EQ(at("1777629600"), at("2026-05-01T10:00:00Z"));
    EXPECT_EQ(at("1777629600.5") - at("1777629600"), 500'000);
    EXPECT_EQ(at("1969-12-31T23:59:59Z"), -kMicrosPerSecond);
    EXPECT_EQ(toDate(at("1969-12-31T23:59:59Z")), "1969-12-31");
    EXPECT_EQ(toDate(at("2024-02-29T23:59:59Z")), "2024-02-29");
    EXPECT_EQ(toIso(at("2026-05-01T12:00:00+02:00")), "2026-05-01T10:00:00.000Z");
    for (const char* text : {"", "soon", "2026-02-30", "2026-13-01", "05/01/2026", "20260501", "2026-05-01T25:00:00", "=NOW()",
                             "2026-05-01T10:00:00+25:00", "2026-05-01T10", "1777629600000", "12345", "2026-05-01x", "0000-01-01",
                             "2026-05-01T10:00:00.", "nan"}) {
        EXPECT_EQ(parseTimestamp(text), std::nullopt) << text;
    }
}

TEST(CellParser, ReadsFlagsAndNumbers) {
    for (const char* text : {"true", "TRUE", "yes", "Y", "1", "on", " t "})
        EXPECT_EQ(parseBoolean(text), true) << text;
    for (const char* text : {"false", "No", "n", "0", "OFF"})
        EXPECT_EQ(parseBoolean(text), false) << text;
    for (const char* text : {"", "2", "maybe", "truetrue"})
        EXPECT_EQ(parseBoolean(text), std::nullopt) << text;
    EXPECT_EQ(parseNumber(" 1.5e3 "), 1500);
    EXPECT_EQ(parseNumber("+2"), 2);
    EXPECT_EQ(parseNumber("1e-400"), 0);
    for (const char* text : {"", "1,000", "=1+1", "1e39", "1e400", "nan", "inf", "0x10", "+-2"})
        EXPECT_EQ(parseNumber(text), std::nullopt) << text;
}

TEST(CellParser, ShowsForeignTextsShort) {
    EXPECT_EQ(shownText("a\nb\x1B[31m"), "a?b?[31m");
    EXPECT_EQ(shownText(std::string(50, 'x')), std::string(40, 'x') + "...");
    EXPECT_EQ(shownText(std::string(39, 'x') + "€"), std::string(39, 'x') + "...");
    EXPECT_EQ(shownText("\xFF\xFE"), "bytes that are not UTF-8");
}

TEST(LookBack, CountsCalendarMonths) {
    const auto back = [](const char* time, std::uint32_t months) {
        return toIso(windowStart(at(time), {.months = months}));
    };
    EXPECT_EQ(back("2026-05-31T08:30:00Z", 3), "2026-02-28T08:30:00.000Z");
    EXPECT_EQ(back("2024-03-31", 1), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(back("2026-01-15T23:59:59Z", 1), "2025-12-15T23:59:59.000Z");
    EXPECT_EQ(back("2026-05-01", 12), "2025-05-01T00:00:00.000Z");
    EXPECT_EQ(toIso(windowStart(at("2026-05-02"), {.seconds = Seconds(12 * 3600)})), "2026-05-01T12:00:00.000Z");
    EXPECT_EQ(windowStart(at("2026-05-02"), {}), std::numeric_limits<Micros>::min());
}

} // namespace
} // namespace perch::data
