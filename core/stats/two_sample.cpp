#include "core/stats/two_sample.h"

#include "core/stats/gamma.h"
#include "core/stats/intervals.h"
#include "core/stats/kolmogorov.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::size_t kExactLimit = 10'000;

/// Calls `visit(value, next, i, j)` at each distinct value with the counts of both samples up to and including it.
template <typename Visit>
void walk(const std::vector<double>& a, const std::vector<double>& b, const Visit& visit) {
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        const double value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        while (i < a.size() && a[i] == value)
            ++i;
        while (j < b.size() && b[j] == value)
            ++j;
        const double nextA = i < a.size() ? a[i] : std::numeric_limits<double>::infinity();
        const double nextB = j < b.size() ? b[j] : std::numeric_limits<double>::infinity();
        visit(value, std::min(nextA, nextB), i, j);
    }
}

std::uint64_t largestGap(const SortedSample& a, const SortedSample& b) {
    const std::uint64_t m = a.size(), n = b.size();
    std::uint64_t gap = 0;
    walk(a.values(), b.values(), [&](double, double, std::uint64_t i, std::uint64_t j) {
        gap = std::max(gap, i * n > j * m ? i * n - j * m : j * m - i * n);
    });
    return gap;
}

double gapShare(std::uint64_t gap, std::size_t m, std::size_t n) {
    return static_cast<double>(gap) / (static_cast<double>(m) * static_cast<double>(n));
}

/// P(D >= d) by counting lattice paths that stay inside, as probabilities; `gap` is d * m * n as an integer. Only the
/// band around the diagonal is walked.
double exactKsP(std::size_t m, std::size_t n, std::uint64_t gap) {
    if (gap == 0)
        return 1;
    if (gap > m * n)
        return 0;
    std::vector<double> paths(n + 1);
    // Inside is |i n - j m| < gap: for each i the first and the last j.
    const auto first = [&](std::size_t i) { return i * n < gap ? 0 : (i * n - gap) / m + 1; };
    const auto last = [&](std::size_t i) { return std::min(n, (i * n + gap - 1) / m); };
    for (std::size_t j = 0; j <= last(0); ++j)
        paths[j] = 1;
    for (std::size_t i = 1; i <= m; ++i) {
        const std::size_t begin = first(i), end = last(i);
        const double step = static_cast<double>(i) / static_cast<double>(i + n);
        if (begin == 0)
            paths[0] *= step;
        for (std::size_t j = std::max<std::size_t>(begin, 1); j <= end; ++j)
            paths[j] = step * paths[j] + (j > begin || begin == 0 ? paths[j - 1] : 0);
    }
    return std::clamp(1 - paths[n], 0.0, 1.0);
}

} // namespace

std::optional<double> kolmogorovSmirnovDistance(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty())
        return std::nullopt;
    return gapShare(largestGap(reference, current), reference.size(), current.size());
}

std::optional<TestResult> kolmogorovSmirnov(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty())
        return std::nullopt;
    const std::size_t m = reference.size(), n = current.size();
    const std::uint64_t gap = largestGap(reference, current);
    TestResult result{.statistic = gapShare(gap, m, n)};
    if (std::max(m, n) <= kExactLimit) {
        result.p = exactKsP(m, n, gap);
    } else {
        const double pooled = static_cast<double>(m) * static_cast<double>(n) / static_cast<double>(m + n);
        result.p = kolmogorovUpperTail(static_cast<std::uint64_t>(std::nearbyint(pooled)), result.statistic);
    }
    return result;
}

std::optional<double> wasserstein(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty())
        return std::nullopt;
    const double m = static_cast<double>(reference.size()), n = static_cast<double>(current.size());
    double area = 0;
    walk(reference.values(), current.values(), [&](double value, double next, std::size_t i, std::size_t j) {
        if (std::isfinite(next))
            area += (next - value) * std::abs(static_cast<double>(i) / m - static_cast<double>(j) / n);
    });
    return area;
}

std::optional<double> normedWasserstein(const SortedSample& reference, const SortedSample& current) {
    const std::optional<double> distance = wasserstein(reference, current);
    if (!distance)
        return std::nullopt;
    const std::vector<double>& values = reference.values();
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return *distance / std::max(std::sqrt(squares / n), 0.001);
}

std::optional<TestResult> chiSquare(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    if (reference.size() != current.size())
        return std::nullopt;
    const auto total = [](auto counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const double m = total(reference), n = total(current);
    if (m <= 0 || n <= 0)
        return std::nullopt;
    TestResult result;
    std::size_t bins = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (reference[i] == 0 && current[i] == 0)
            continue;
        ++bins;
        const double expected = static_cast<double>(reference[i]) / m * n;
        const double off = static_cast<double>(current[i]) - expected;
        result.statistic += off * off / expected; // infinite where nothing is expected
    }
    if (bins > 1)
        result.p =
            std::isinf(result.statistic) ? 0 : chiSquareUpperTail(result.statistic, static_cast<double>(bins - 1));
    return result;
}

std::optional<TestResult> chiSquareHomogeneity(std::span<const std::uint64_t> reference,
                                               std::span<const std::uint64_t> current) {
    if (reference.size() != current.size())
        return std::nullopt;
    const auto total = [](auto counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const double m = total(reference), n = total(current);
    if (m <= 0 || n <= 0)
        return std::nullopt;
    TestResult result;
    std::size_t bins = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double both = static_cast<double>(reference[i] + current[i]);
        if (both <= 0)
            continue;
        ++bins;
        const double expected = both * m / (m + n);
        const double off = static_cast<double>(reference[i]) - expected;
        result.statistic += off * off * (1 / expected + 1 / (both - expected));
    }
    if (bins > 1)
        result.p = chiSquareUpperTail(result.statistic, static_cast<double>(bins - 1));
    return result;
}

std::optional<TestResult> twoShares(std::uint64_t successesA, std::uint64_t trialsA, std::uint64_t successesB,
                                    std::uint64_t trialsB) {
    if (trialsA == 0 || trialsB == 0)
        return std::nullopt;
    const double m = static_cast<double>(trialsA), n = static_cast<double>(trialsB);
    const double a = static_cast<double>(successesA), b = static_cast<double>(successesB);
    const double pooled = (a + b) / (m + n);
    const double variance = pooled * (1 - pooled) * (1 / m + 1 / n);
    if (!(variance > 0))
        return TestResult{};
    const double z = (a / m - b / n) / std::sqrt(variance);
    return TestResult{z, normalTwoSided(z)};
}

} // namespace perch::stats
