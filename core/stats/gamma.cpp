#include "core/stats/gamma.h"

#include <cmath>
#include <limits>
#include <math.h> // lgamma_r is POSIX, not in <cmath>

namespace perch::stats {

namespace {

constexpr int kSteps = 10'000;
constexpr double kPrecision = 1e-16;

/// Regularized lower incomplete gamma by its series; converges fast for x < a + 1.
double lowerBySeries(double a, double x) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < kSteps && term > sum * kPrecision; ++n) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * std::exp(-x + a * std::log(x) - logGamma(a));
}

/// Regularized upper incomplete gamma by its continued fraction (Lentz); for x >= a + 1.
double upperByFraction(double a, double x) {
    constexpr double kTiny = std::numeric_limits<double>::min() / kPrecision;
    double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, h = d;
    for (int n = 1; n < kSteps; ++n) {
        const double an = -n * (n - a);
        b += 2;
        d = an * d + b;
        d = 1 / (std::abs(d) < kTiny ? kTiny : d);
        c = b + an / c;
        c = std::abs(c) < kTiny ? kTiny : c;
        const double step = d * c;
        h *= step;
        if (std::abs(step - 1) < kPrecision)
            break;
    }
    return h * std::exp(-x + a * std::log(x) - logGamma(a));
}

} // namespace

double logGamma(double x) {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

double chiSquareUpperTail(double x, double degrees) {
    if (!(x > 0))
        return 1;
    const double a = degrees / 2, half = x / 2;
    return half < a + 1 ? 1 - lowerBySeries(a, half) : upperByFraction(a, half);
}

} // namespace perch::stats
