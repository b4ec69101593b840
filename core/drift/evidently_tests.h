#pragma once

#include "core/drift/drift.h"

namespace perch::drift {

/// One column by the test that Evidently 0.7 picks for it (evidently/legacy/calculations/stattests/registry.py and
/// core/datasets.py there). Missing and infinite values are dropped first. The kind is that of the current column: whole
/// numbers with at most 10 different values, truth values and texts are categorical, other numbers numerical.
///   reference of at most 1,000 values  Kolmogorov-Smirnov (p <= alpha) for numbers of more than five values over both
///                                      sides; else chi-square, or the z test of two shares with at most two (p < alpha)
///   more                               Wasserstein over the reference's standard deviation (>= 0.1) for such numbers,
///                                      else the Jensen-Shannon distance over the values (>= 0.1)
/// Without a score: a column without values on a side (Evidently stops there), texts that differ in more than half of
/// the rows (Evidently trains a text model), truth values with gaps (Evidently leaves them out).
/// Both columns have the same type, or one has no values.
DriftedColumn measureAsEvidently(const data::Column& reference, const data::Column& current, double alpha);

} // namespace perch::drift
