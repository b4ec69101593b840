#pragma once

#include "core/evaluate/evaluation.h"
#include "core/stats/binary_bootstrap.h"

namespace perch::evaluate {

/// How a comparison becomes a verdict, from the 95 % interval of the difference of one metric (gain is positive, for
/// metrics where less is better too), with `margin` as the loss that does not matter:
///   better      the interval lies wholly above 0
///   not_worse   its lower end is not below -margin
///   worse       it lies wholly below 0 (and reaches below -margin)
///   undecided   otherwise, or the difference is undefined
Verdict verdictOf(const Difference& difference, bool higherIsBetter, double margin);

/// Candidate against baseline on the same rows: paired bootstrap for every metric; the p of accuracy is McNemar's
/// (exact) and ROC-AUC is DeLong's. The verdict is on `metric`.
Result<Comparison> compare(const stats::ScoredRows& candidate, const stats::ScoredRows& baseline,
                           std::span<const std::uint8_t> labels, const std::string& metric, double margin,
                           const stats::BootstrapOptions& bootstrap, std::stop_token stop);

} // namespace perch::evaluate
