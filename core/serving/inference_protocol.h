#pragma once

#include "core/serving/prediction.h"

namespace perch::serving {

/// The Open Inference Protocol v2 in JSON: one input tensor per field, shape [n] or [n, 1], BYTES for categories, BOOL
/// for booleans, FP64, FP32 or an integer type for numbers; null stands for a missing value. Outputs are `score`
/// (FP32, [n]) and, but for a regression, `class` (BYTES, [n]). Tensor names and absent fields follow the rules of RowReader.
Result<PredictionRequest> parseInfer(std::string_view body, const RowReader& reader, std::size_t rowLimit,
                                     KeepCells keep = KeepCells::No);
std::string formatInfer(const PredictionAnswer& answer, std::span<const std::string> outputs);

/// The datatypes that a tensor of a field may have, the usual one first.
std::vector<std::string> acceptedDatatypes(data::FieldType type);

/// The answer to `GET /v2/models/<name>`.
std::string inferenceMetadata(const model::Package& package, Version version);

} // namespace perch::serving
