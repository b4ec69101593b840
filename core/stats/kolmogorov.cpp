#include "core/stats/kolmogorov.h"

#include "core/stats/gamma.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::uint64_t kExactOneSample = 2'000;
constexpr double kTail = 2.2; // n d^2 from which both one-sided events hardly ever happen together
constexpr double kLargeScale = 1e140;

using Matrix = std::vector<double>; // size x size, row after row

Matrix product(const Matrix& a, const Matrix& b, std::size_t size) {
    Matrix result(size * size);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t k = 0; k < size; ++k) {
            const double factor = a[i * size + k];
            for (std::size_t j = 0; j < size; ++j)
                result[i * size + j] += factor * b[k * size + j];
        }
    }
    return result;
}

/// A matrix times 10^exponent: its powers leave the range of doubles.
struct ScaledMatrix {
    Matrix values;
    int exponent = 0;
};

ScaledMatrix power(const ScaledMatrix& base, std::size_t size, std::uint64_t exponent) {
    if (exponent == 1)
        return base;
    const ScaledMatrix half = power(base, size, exponent / 2);
    ScaledMatrix result{product(half.values, half.values, size), 2 * half.exponent};
    if (exponent % 2 == 1) {
        result.values = product(base.values, result.values, size);
        result.exponent += base.exponent;
    }
    if (result.values[size / 2 * size + size / 2] > kLargeScale) {
        for (double& value : result.values)
            value /= kLargeScale;
        result.exponent += 140;
    }
    return result;
}

/// P(D < d): Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's Distribution", section 3.
double lowerTail(std::uint64_t n, double d) {
    const double scaled = static_cast<double>(n) * d;
    const auto k = static_cast<std::size_t>(scaled) + 1;
    const std::size_t size = 2 * k - 1;
    const double h = static_cast<double>(k) - scaled;
    ScaledMatrix matrix{Matrix(size * size)};
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j)
            matrix.values[i * size + j] = i + 1 >= j ? 1 : 0;
    }
    for (std::size_t i = 0; i < size; ++i) {
        matrix.values[i * size] -= std::pow(h, static_cast<double>(i + 1));
        matrix.values[(size - 1) * size + i] -= std::pow(h, static_cast<double>(size - i));
    }
    matrix.values[(size - 1) * size] += 2 * h > 1 ? std::pow(2 * h - 1, static_cast<double>(size)) : 0;
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j <= i; ++j)
            matrix.values[i * size + j] /= std::exp(logGamma(static_cast<double>(i - j + 2)));
    }
    const ScaledMatrix raised = power(matrix, size, n);
    double probability = raised.values[(k - 1) * size + k - 1];
    int exponent = raised.exponent;
    for (std::uint64_t i = 1; i <= n; ++i) {
        probability *= static_cast<double>(i) / static_cast<double>(n);
        if (probability < 1 / kLargeScale) {
            probability *= kLargeScale;
            exponent -= 140;
        }
    }
    return probability * std::pow(10.0, exponent);
}

/// P(D+ >= d), one-sided: Birnbaum and Tingey (1951).
double oneSided(std::uint64_t n, double d) {
    const double count = static_cast<double>(n);
    double sum = 0;
    const auto last = static_cast<std::uint64_t>(std::floor(count * (1 - d)));
    for (std::uint64_t j = 0; j <= last; ++j) {
        const double position = static_cast<double>(j) / count;
        const double above = 1 - d - position;
        if (above <= 0 && j < n)
            continue;
        sum += std::exp(logGamma(count + 1) - logGamma(static_cast<double>(j) + 1) -
                        logGamma(count - static_cast<double>(j) + 1) +
                        (j < n ? static_cast<double>(n - j) * std::log(above) : 0) +
                        (static_cast<double>(j) - 1) * std::log(d + position));
    }
    return std::min(1.0, d * sum);
}

/// Kolmogorov's limit with Stephens' correction for finite samples.
double limit(std::uint64_t n, double d) {
    const double root = std::sqrt(static_cast<double>(n));
    const double lambda = (root + 0.12 + 0.11 / root) * d;
    if (lambda < 0.2)
        return 1;
    double sum = 0;
    for (int k = 1; k <= 100; ++k) {
        const double term = std::exp(-2.0 * k * k * lambda * lambda);
        sum += k % 2 == 1 ? term : -term;
        if (term < 1e-17)
            break;
    }
    return std::clamp(2 * sum, 0.0, 1.0);
}

} // namespace

double kolmogorovUpperTail(std::uint64_t n, double d) {
    const double count = static_cast<double>(n);
    if (n == 0 || count * d <= 0.5)
        return 1;
    if (d >= 1)
        return 0;
    if (n > kExactOneSample)
        return limit(n, d);
    if (d >= 0.5 || count * d * d >= kTail)
        return std::min(1.0, 2 * oneSided(n, d));
    return std::clamp(1 - lowerTail(n, d), 0.0, 1.0);
}

} // namespace perch::stats
