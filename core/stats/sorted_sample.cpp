#include "core/stats/sorted_sample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>

namespace perch::stats {

namespace {

constexpr std::size_t kFew = 4'096; // below this a comparison sort is faster
constexpr int kDigitBits = 11;
constexpr std::size_t kDigits = 3;
constexpr int kLowBits = 64 - static_cast<int>(kDigits) * kDigitBits; // not sorted by digits: they rarely decide
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
    return key >> (kLowBits + static_cast<int>(digit) * kDigitBits) & kDigitMask;
}

/// Keys that agree in all digits stand together; their order is decided by comparison.
void sortTies(std::span<std::uint64_t> keys) {
    for (std::size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
        while (++end < keys.size() && keys[end] >> kLowBits == keys[begin] >> kLowBits) {
        }
        if (end - begin > 1)
            std::ranges::sort(keys.subspan(begin, end - begin));
    }
}

/// By the upper half of the bits, least digit first; a digit that all values share costs nothing.
void radixSort(std::vector<double>& values) {
    const std::size_t size = values.size();
    auto keys = std::make_unique_for_overwrite<std::uint64_t[]>(size);
    auto other = std::make_unique_for_overwrite<std::uint64_t[]>(size);
    std::vector<std::array<std::size_t, kDigitMask + 1>> counts(kDigits);
    for (std::size_t i = 0; i < size; ++i) {
        keys[i] = keyOf(values[i]);
        for (std::size_t digit = 0; digit < kDigits; ++digit)
            ++counts[digit][digitOf(keys[i], digit)];
    }
    for (std::size_t digit = 0; digit < kDigits; ++digit) {
        if (counts[digit][digitOf(keys[0], digit)] == size)
            continue;
        std::size_t at = 0;
        for (std::size_t& count : counts[digit]) {
            const std::size_t begin = at;
            at += count;
            count = begin;
        }
        for (std::size_t i = 0; i < size; ++i)
            other[counts[digit][digitOf(keys[i], digit)]++] = keys[i];
        keys.swap(other);
    }
    const std::span sorted(keys.get(), size);
    sortTies(sorted);
    std::ranges::transform(sorted, values.begin(), valueOf);
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
