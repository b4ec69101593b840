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

/// Which metric decides, and which loss of it does not matter.
struct Decision {
    std::string metric;   ///< empty: decidingMetric of the task
    double margin = 0.01; ///< of an error in the label's unit: as a share of the baseline's value
};

/// Candidate against baseline on the same rows. Every metric is compared by the paired bootstrap, but: the p of
/// accuracy is McNemar's (exact), ROC-AUC of binary models is DeLong's, and the mean absolute error is that of the
/// paired differences (normal). InvalidInput if there is no such metric; Cancelled when asked to stop.
Result<Comparison> compare(const stats::ScoredRows& candidate, const stats::ScoredRows& baseline,
                           std::span<const std::uint8_t> labels, const Decision& decision,
                           const stats::BootstrapOptions& bootstrap, std::stop_token stop);

/// `classes` probabilities per row of each model, and the class of each row.
Result<Comparison> compareClasses(std::span<const float> candidate, std::span<const float> baseline,
                                  std::size_t classes, std::span<const std::uint8_t> labels, const Decision& decision,
                                  const stats::BootstrapOptions& bootstrap, std::stop_token stop);

Result<Comparison> compareNumbers(std::span<const float> candidate, std::span<const float> baseline,
                                  std::span<const double> truth, const stats::Tolerance& tolerance,
                                  const Decision& decision, const stats::BootstrapOptions& bootstrap,
                                  std::stop_token stop);

} // namespace perch::evaluate
