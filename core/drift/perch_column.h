#pragma once

#include "core/drift/drift.h"

namespace perch::drift {

/// PSI above which a single column drifts.
inline constexpr double kColumnPsi = 0.10;

/// One column by the PSI over the reference's bins, with its interval, the p of the chi-square test of homogeneity over
/// the same bins, and the other distances. Without a verdict: that needs all columns. A reference of one value has the
/// bins of that value and of any other. Both columns have the same type, or one has no values.
DriftedColumn measureAsPerch(const data::Column& reference, const data::Column& current);

} // namespace perch::drift
