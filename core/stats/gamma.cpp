#include "core/stats/gamma.h"

#include <math.h> // lgamma_r is POSIX, not in <cmath>

namespace perch::stats {

double logGamma(double x) {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

} // namespace perch::stats
