#include "core/present/chart.h"

#include <cmath>

namespace perch::present {

Axis niceAxis(double low, double high) {
    if (!(high > low))
        high = low + 1;
    constexpr double kMostLines = 6;
    const double raw = (high - low) / kMostLines;
    const double magnitude = std::pow(10.0, std::floor(std::log10(raw)));
    double step = 10 * magnitude;
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * magnitude >= raw - 1e-12) {
            step = factor * magnitude;
            break;
        }
    }
    return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

} // namespace perch::present
