#include "core/stats/two_sample.h"

#include "core/stats/gamma.h"
#include "core/stats/intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::size_t kExactLimit = 10'000;

std::vector<double> sorted(std::span<const double> values) {
    std::vector<double> copy(values.begin(), values.end());
    std::ranges::sort(copy);
    return copy;
}

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

/// P(D >= d) by counting lattice paths that stay inside, as probabilities; `gap` is d * m * n as an integer.
double exactKsP(std::size_t m, std::size_t n, std::uint64_t gap) {
    if (gap == 0)
        return 1;
    const auto inside = [&](std::size_t i, std::size_t j) {
        const std::uint64_t a = i * n, b = j * m;
        return (a > b ? a - b : b - a) < gap;
    };
    std::vector<double> paths(n + 1);
    for (std::size_t j = 0; j <= n; ++j)
        paths[j] = inside(0, j) ? 1 : 0;
    for (std::size_t i = 1; i <= m; ++i) {
        const double weight = static_cast<double>(i) / static_cast<double>(i + n);
        paths[0] = inside(i, 0) ? weight * paths[0] : 0;
        for (std::size_t j = 1; j <= n; ++j)
            paths[j] = inside(i, j) ? weight * paths[j] + paths[j - 1] : 0;
    }
    return std::clamp(1 - paths[n], 0.0, 1.0);
}

/// Kolmogorov's limit with Stephens' correction for finite samples.
double asymptoticKsP(double m, double n, double statistic) {
    const double root = std::sqrt(m * n / (m + n));
    const double lambda = (root + 0.12 + 0.11 / root) * statistic;
    double sum = 0;
    for (int k = 1; k <= 100; ++k) {
        const double term = std::exp(-2.0 * k * k * lambda * lambda);
        sum += k % 2 == 1 ? term : -term;
        if (term < 1e-17)
            break;
    }
    return lambda < 0.2 ? 1 : std::clamp(2 * sum, 0.0, 1.0);
}

} // namespace

std::optional<TestResult> kolmogorovSmirnov(std::span<const double> reference, std::span<const double> current) {
    if (reference.empty() || current.empty())
        return std::nullopt;
    const std::vector<double> a = sorted(reference), b = sorted(current);
    const std::uint64_t m = a.size(), n = b.size();
    std::uint64_t gap = 0;
    walk(a, b, [&](double, double, std::uint64_t i, std::uint64_t j) {
        gap = std::max(gap, i * n > j * m ? i * n - j * m : j * m - i * n);
    });
    const double statistic = static_cast<double>(gap) / (static_cast<double>(m) * static_cast<double>(n));
    const double p = std::max(m, n) <= kExactLimit
                         ? exactKsP(m, n, gap)
                         : asymptoticKsP(static_cast<double>(m), static_cast<double>(n), statistic);
    return TestResult{statistic, p};
}

std::optional<double> wasserstein(std::span<const double> reference, std::span<const double> current) {
    if (reference.empty() || current.empty())
        return std::nullopt;
    const std::vector<double> a = sorted(reference), b = sorted(current);
    const double m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
    double area = 0;
    walk(a, b, [&](double value, double next, std::size_t i, std::size_t j) {
        if (std::isfinite(next))
            area += (next - value) * std::abs(static_cast<double>(i) / m - static_cast<double>(j) / n);
    });
    return area;
}

std::optional<double> normedWasserstein(std::span<const double> reference, std::span<const double> current) {
    const std::optional<double> distance = wasserstein(reference, current);
    if (!distance)
        return std::nullopt;
    const double n = static_cast<double>(reference.size());
    const double mean = std::accumulate(reference.begin(), reference.end(), 0.0) / n;
    double squares = 0;
    for (const double value : reference)
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
