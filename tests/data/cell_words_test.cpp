#include "core/data/cell_words.h"
#include "core/data/seeded_random.h"
#include "tests/support/test_support.h"

#include <bit>
#include <charconv>
#include <string>

namespace perch::data {
namespace {

/// Behind bytes that belong to another cell.
std::string behindOthers(std::string_view text) {
    return "9.8-7.6e" + std::string(text);
}

/// The bits, or nothing if the text is left to others.
std::optional<std::uint64_t> shortNumber(std::string_view text, bool* whole = nullptr) {
    const std::string bytes = behindOthers(text);
    double value = 0;
    bool ignored = true;
    if (!parseShortNumber(bytes.data() + bytes.size(), text.size(), value, whole != nullptr ? *whole : ignored))
        return std::nullopt;
    return std::bit_cast<std::uint64_t>(value);
}

std::uint64_t bitsOf(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::bit_cast<std::uint64_t>(value);
}

TEST(ShortNumber, HasTheBitsOfTheDecimal) {
    for (const char* text : {"0", "7", "-0", "12345678", "-1234567", "0.1", "-0.0438", ".5", "5.", "-.25", "1.602",
                             "0.000001", "99999.99", "-12.3456", "00000.10"})
        EXPECT_EQ(shortNumber(text), bitsOf(text)) << text;
    SeededRandom random(5);
    for (int i = 0; i < 20'000; ++i) {
        std::string text(1 + random.below(7), '0');
        for (char& digit : text)
            digit = static_cast<char>('0' + random.below(10));
        if (random.below(4) > 0 && text.size() > 1)
            text[random.below(text.size())] = '.';
        text.insert(0, random.below(2), '-');
        ASSERT_EQ(shortNumber(text), bitsOf(text)) << text;
    }
}

TEST(ShortNumber, LeavesEverythingElseToOthers) {
    for (const char* text : {"", "-", ".", "-.", "+5", "1e5", "1.2.3", "--1", "1-", " 1", "1 ", "NaN", "0x10", "1,5",
                             "123456789", "\xB1\xB2", "12:3", "1/2", "inf"})
        EXPECT_EQ(shortNumber(text), std::nullopt) << text;
    bool whole = true;
    shortNumber("-17", &whole);
    EXPECT_TRUE(whole);
    shortNumber("17.", &whole);
    EXPECT_FALSE(whole);
}

TEST(TextWords, AreTheSameWhereverTheTextLies) {
    for (std::size_t size = 0; size <= 20; ++size) {
        const std::string text = std::string("abcdefghijklmnopqrst").substr(0, size);
        const std::string bytes = behindOthers(text);
        EXPECT_EQ(TextWords::ending(bytes.data() + bytes.size(), size), TextWords(text)) << size;
        for (std::size_t i = 0; i < size && size <= TextWords::kComplete; ++i) {
            std::string other = text;
            other[i] = '\0';
            EXPECT_NE(TextWords(other), TextWords(text)) << size << ' ' << i;
        }
    }
    using namespace std::string_view_literals;
    EXPECT_NE(TextWords("a"), TextWords("a\0"sv));
}

} // namespace
} // namespace perch::data
