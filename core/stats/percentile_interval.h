#pragma once

#include "core/stats/intervals.h"

#include <vector>

namespace perch::stats {

/// What resampling gave for one metric, and how it becomes an interval around the value on all rows.
struct Resamples {
    std::vector<double> values; ///< one per resample in which the metric is defined; sorted by `percentiles`
    double value = 0;           ///< on all rows
    double center = 0; ///< where the resamples belong: the value on the rows that were resampled, or their mean
    double scale = 1;  ///< of a deviation; below 1 if fewer rows were resampled than there are
};

/// The 2.5 % and 97.5 % quantiles (linear between neighbors) of value + scale (resample - center). At least one value.
Interval percentiles(Resamples& resamples);

/// Two-sided p of "the value is 0": twice the smaller share of resamples on a side of 0; never 0, since a finite number
/// of resamples cannot say that.
double signP(const Resamples& resamples);

double meanOf(const std::vector<double>& values); ///< at least one

} // namespace perch::stats
