#include "core/stats/resampling.h"

#include "core/stats/gamma.h"

#include <cmath>

namespace perch::stats {

Error resamplingStopped() {
    return fail(ErrorCode::Cancelled, "The evaluation was stopped.");
}

double PoissonSource::uniform() {
    return static_cast<double>(m_random() >> 11) * 0x1p-53;
}

std::uint64_t PoissonSource::draw(std::uint64_t mean) {
    if (mean == 0)
        return 0;
    if (mean == 1)
        return drawOne();
    return mean < 10 ? drawSmall(static_cast<double>(mean)) : drawLarge(static_cast<double>(mean));
}

std::uint64_t PoissonSource::drawOne() {
    constexpr double kExpMinusOne = 0.36787944117144233;
    const double u = uniform();
    std::uint64_t count = 0;
    for (double term = kExpMinusOne, sum = term; u >= sum && count < 20; sum += term)
        term /= static_cast<double>(++count);
    return count;
}

std::uint64_t PoissonSource::drawSmall(double mean) {
    const double u = uniform();
    std::uint64_t count = 0;
    for (double term = std::exp(-mean), sum = term; u >= sum && count < 100; sum += term)
        term *= mean / static_cast<double>(++count);
    return count;
}

/// Hörmann's transformed rejection (PTRS, 1993); exact for means of 10 and more.
std::uint64_t PoissonSource::drawLarge(double mean) {
    const double b = 0.931 + 2.53 * std::sqrt(mean);
    const double a = -0.059 + 0.02483 * b;
    const double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    const double vr = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = uniform() - 0.5;
        const double v = uniform();
        const double us = 0.5 - std::abs(u);
        const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= vr)
            return static_cast<std::uint64_t>(k);
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        if (std::log(v) + std::log(inverseAlpha) - std::log(a / (us * us) + b) <=
            -mean + k * std::log(mean) - logGamma(k + 1))
            return static_cast<std::uint64_t>(k);
    }
}

} // namespace perch::stats
