#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace perch::data {

/// Bytes as a word, the first one lowest.
inline std::uint64_t wordOf(const char* bytes, std::size_t count = sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// A decimal of at most eight characters, such as `-12.3456`, whose end is at `end`; the eight bytes before it may be
/// read whatever they are. Without a loop and without a guess where the point is: eight digits become a number in three
/// multiplications. Mantissa and power of ten are exact, so one division rounds as it should. False for anything else.
/// `whole` becomes false if there is a point.
inline bool parseShortNumber(const char* end, std::size_t size, double& value, bool& whole) {
    static constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    constexpr std::uint64_t kZeros = 0x3030303030303030, kPoints = 0x2E2E2E2E2E2E2E2E;
    constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
    if (size == 0 || size > 8)
        return false;
    const std::uint64_t negative = *(end - size) == '-' ? 1 : 0;
    const std::size_t length = size - negative;
    if (length == 0)
        return false;
    const std::uint64_t isText = ~std::uint64_t{0} << (64 - 8 * length);
    std::uint64_t digits = (wordOf(end - 8) & isText) | (kZeros & ~isText);
    const std::uint64_t differs = digits ^ kPoints;
    const std::uint64_t point = (differs - kOnes) & ~differs & kTops; // its lowest bit is that of the first point
    std::size_t decimals = 0;
    if (point != 0) {
        // What is before the point moves up by one.
        const auto at = static_cast<std::size_t>(std::countr_zero(point)) & ~std::size_t{7};
        const std::uint64_t below = (std::uint64_t{1} << at) - 1;
        digits = (digits & ~below & ~(std::uint64_t{0xFF} << at)) | (digits & below) << 8 | '0';
        decimals = 7 - at / 8;
    }
    const bool allDigits = ((digits & 0xF0F0F0F0F0F0F0F0) |
                            ((digits + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4) == 0x3333333333333333;
    if (!allDigits || (point != 0 && length == 1))
        return false;
    digits = ((digits & 0x0F0F0F0F0F0F0F0F) * 2561) >> 8;
    digits = ((digits & 0x00FF00FF00FF00FF) * 6553601) >> 16;
    digits = ((digits & 0x0000FFFF0000FFFF) * 42949672960001) >> 32;
    whole = whole && point == 0;
    const double magnitude = static_cast<double>(static_cast<std::uint32_t>(digits)) / kPowers[decimals];
    value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | negative << 63);
    return true;
}

/// The first and the last eight bytes of a text and its size: all there is of one of up to 16 bytes.
struct TextWords {
    std::uint64_t head = 0, tail = 0;
    std::size_t size = 0;

    static constexpr std::size_t kComplete = 16;

    TextWords() = default;
    explicit TextWords(std::string_view text) : size(text.size()) {
        if (size >= 8)
            head = wordOf(text.data());
        if (size > 0)
            tail = size >= 8 ? wordOf(text.data() + size - 8) : wordOf(text.data(), size);
    }
    /// The eight bytes before the text's end may be read, whatever they are.
    static TextWords ending(const char* end, std::size_t size) {
        if (size >= 8 || size == 0)
            return TextWords(std::string_view(end - size, size));
        TextWords words;
        words.tail = wordOf(end - 8) >> (64 - 8 * size);
        words.size = size;
        return words;
    }
    friend bool operator==(const TextWords&, const TextWords&) = default;
    /// Of `slots`, a power of two.
    std::size_t slot(std::size_t slots) const {
        return ((head ^ std::rotl(tail, 32) ^ size) * 0x9E3779B97F4A7C15U >> 32) % slots;
    }
};

} // namespace perch::data
