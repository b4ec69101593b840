#pragma once

#include "core/evaluate/column_groups.h"
#include "core/evaluate/evaluation.h"

#include <span>

namespace perch::evaluate {

/// Rates per group and the gaps between groups of a binary model. Groups under 30 rows do not count for the gaps, nor
/// do groups under 30 positives (negatives) for those of the true (false) positive rate.
Fairness measureFairness(const GroupedColumn& groups, std::span<const float> scores,
                         std::span<const std::uint8_t> labels, double threshold);

/// Of models with more than two classes: the share of right answers per group and its gap alone.
Fairness measureAccuracyGap(const GroupedColumn& groups, std::span<const double> errors);

} // namespace perch::evaluate
