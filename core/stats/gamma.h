#pragma once

namespace perch::stats {

/// Logarithm of the gamma function for x > 0. Safe from any thread, unlike std::lgamma, which writes a global.
double logGamma(double x);

} // namespace perch::stats
