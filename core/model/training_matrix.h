#pragma once

#include "core/data/table_encoder.h"
#include "core/model/predict/booster.h"
#include "core/model/training_label.h"

namespace perch::model {

/// Label and weight of the rows of a table. Borrowed.
struct RowTargets {
    const TrainingLabel& label;
    std::span<const float> weights = {}; ///< per row of the table; empty: each weighs 1
};

/// Hands rows to XGBoost in batches, so that beside the table only the quantized matrix is in memory. A validation part
/// is cut into the bins of its training part, `reference`.
Result<Matrix> makeTrainingMatrix(const XgboostLibrary& library, const data::TableEncoder& encoder,
                                  const data::RowTransform& transform, const data::Rows& rows,
                                  const RowTargets& targets, std::uint32_t threads,
                                  const Matrix* reference = nullptr);

/// Bins per feature of the histogram method.
inline constexpr int kHistogramBins = 256;

} // namespace perch::model
