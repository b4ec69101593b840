#pragma once

namespace perch::stats {

/// Logarithm of the gamma function for x > 0. Safe from any thread, unlike std::lgamma, which writes a global.
double logGamma(double x);

/// P(X >= x) of the chi-square distribution with `degrees` > 0 degrees of freedom.
double chiSquareUpperTail(double x, double degrees);

} // namespace perch::stats
