#pragma once

#include "core/data/table_encoder.h"
#include "core/model/predict/booster.h"

namespace perch::model {

/// Hands rows to XGBoost in batches, so that beside the table only the quantized matrix is in memory. `classOf[row]`
/// is the label of a row of the table.
Result<Matrix> makeTrainingMatrix(const XgboostLibrary& library, const data::TableEncoder& encoder,
                                  const data::RowTransform& transform, const data::Rows& rows,
                                  std::span<const std::uint8_t> classOf, std::uint32_t threads);

/// Bins per feature of the histogram method.
inline constexpr int kHistogramBins = 256;

} // namespace perch::model
