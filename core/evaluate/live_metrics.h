#pragma once

#include "core/evaluate/evaluation.h"

#include <span>
#include <string>
#include <vector>

namespace perch::evaluate {

/// Labelled requests by truth and answer.
struct AnswerCount {
    std::string truth, answer;
    std::uint64_t count = 0;
};

struct LiveMetrics {
    std::uint64_t rows = 0;
    std::uint64_t unknown = 0; ///< whose truth or answer is no class of the model; they are left out
    /// accuracy, precision, recall, f1: of the positive class with two classes ({negative, positive}), else macro.
    MetricValues metrics;
};

/// Accuracy, precision, recall and F1 from counts alone, with intervals where they are exact: shares by Wilson, F1 of
/// two classes as in thresholdMetrics; macro means have none.
LiveMetrics measureLive(std::span<const AnswerCount> counts, const std::vector<std::string>& classes);

} // namespace perch::evaluate
