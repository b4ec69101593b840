#pragma once

#include "core/model/predict/predictor.h"
#include "core/model/training_label.h"

#include <map>

namespace perch::model {

/// Scores of rows, `outputs` per row, in the order of the rows.
struct ScoredPart {
    std::vector<float> scores;
    std::size_t outputs = 1;
};

/// What the card says of these rows; an undefined metric is absent. Binary: accuracy, precision, recall, f1, roc_auc,
/// log_loss at the threshold; multi-class: accuracy, macro_f1, log_loss; regression: mae, rmse, r2.
std::map<std::string, double> metricsOf(const ScoredPart& scored, const TrainingLabel& label,
                                        std::span<const std::uint32_t> rows, double threshold);

} // namespace perch::model
