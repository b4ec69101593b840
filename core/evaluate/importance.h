#pragma once

#include "core/data/table.h"
#include "core/evaluate/evaluation.h"
#include "core/model/predict/predictor.h"

#include <span>
#include <stop_token>
#include <vector>

namespace perch::evaluate {

struct ImportanceResult {
    std::vector<FeatureImportance> features; ///< largest first
    std::uint64_t rows = 0;
};

/// Mean absolute SHAP value of each feature over at most `limit` of the rows, drawn by the seed; of several outputs the
/// mean over them. Exact for those rows, some milliseconds each. Cancelled when asked to stop.
Result<ImportanceResult> measureImportance(const model::Predictor& predictor, const data::Table& table,
                                           std::span<const std::uint32_t> rows, std::size_t limit, std::uint64_t seed,
                                           const std::stop_token& stop);

} // namespace perch::evaluate
