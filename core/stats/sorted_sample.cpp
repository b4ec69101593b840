#include "core/stats/sorted_sample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace perch::stats {

namespace {

constexpr std::size_t kFew = 4'096; // below this a comparison sort is faster
constexpr int kDigitBits = 11;
constexpr std::size_t kDigits = 6; // 6 * 11 >= 64
constexpr std::uint64_t kDigitMask = (std::uint64_t{1} << kDigitBits) - 1;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

/// Whole numbers that are ordered like the doubles.
std::uint64_t keyOf(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0); // -0 + 0 is 0
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double valueOf(std::uint64_t key) {
    return std::bit_cast<double>((key & kSign) != 0 ? key & ~kSign : ~key);
}

std::uint64_t digitOf(std::uint64_t key, std::size_t digit) {
    return key >> (digit * kDigitBits) & kDigitMask;
}

/// Least digit first; a digit that all values share costs nothing.
void radixSort(std::vector<double>& values) {
    std::vector<std::uint64_t> keys(values.size()), other(values.size());
    std::vector<std::array<std::size_t, kDigitMask + 1>> counts(kDigits);
    for (std::size_t i = 0; i < values.size(); ++i) {
        keys[i] = keyOf(values[i]);
        for (std::size_t digit = 0; digit < kDigits; ++digit)
            ++counts[digit][digitOf(keys[i], digit)];
    }
    for (std::size_t digit = 0; digit < kDigits; ++digit) {
        if (counts[digit][digitOf(keys.front(), digit)] == keys.size())
            continue;
        std::size_t at = 0;
        for (std::size_t& count : counts[digit]) {
            const std::size_t begin = at;
            at += count;
            count = begin;
        }
        for (const std::uint64_t key : keys)
            other[counts[digit][digitOf(key, digit)]++] = key;
        keys.swap(other);
    }
    std::ranges::transform(keys, values.begin(), valueOf);
}

} // namespace

SortedSample::SortedSample(std::vector<double> values) : m_values(std::move(values)) {
    if (m_values.size() > kFew) {
        radixSort(m_values);
        return;
    }
    for (double& value : m_values)
        value += 0.0;
    std::ranges::sort(m_values);
}

} // namespace perch::stats
