#pragma once

#include "core/evaluate/evaluate.h"

namespace perch::evaluate {

/// The pure part, on scores that are there already: metrics with intervals, and what the screens draw. Cancelled when
/// asked to stop.

/// Binary: curves, histogram and cells too.
Result<EvaluatedModel> evaluateScores(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                      double threshold, const EvaluationOptions& options, std::stop_token stop);

/// Multi-class: `probabilities` holds a number per class for each row, `labels` the class; `classes` are their names.
Result<EvaluatedModel> evaluateClasses(std::span<const float> probabilities, std::span<const std::uint8_t> labels,
                                       const std::vector<std::string>& classes, const EvaluationOptions& options,
                                       std::stop_token stop);

/// Regression. Spans have the same length.
Result<EvaluatedModel> evaluateNumbers(std::span<const float> predicted, std::span<const double> truth,
                                       const stats::Tolerance& tolerance, const EvaluationOptions& options,
                                       std::stop_token stop);

} // namespace perch::evaluate
