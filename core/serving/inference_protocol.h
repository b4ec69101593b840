#pragma once

#include "core/serving/prediction.h"

namespace perch::serving {

/// The Open Inference Protocol v2: one input tensor per field, shape [n] or [n, 1], BYTES for categories, BOOL for
/// booleans, FP64, FP32 or an integer type for numbers. Outputs are `score` (FP32, [n]) and, but for a regression,
/// `class` (BYTES, [n]). Tensor names, absent fields and the entities of a lookup table (BYTES or integers) follow the
/// rules of RowReader; an answer from stale features has `"parameters":{"stale_features":true}`.
///
/// Each tensor comes and goes as JSON or, by the extension binary_tensor_data, as bytes behind the JSON; a request may
/// mix them. Missing is null in JSON and NaN in FP32 and FP64; the other binary types cannot say it, their tensor then
/// comes as JSON. Infinite numbers and those beyond a 32-bit float are wrong in both forms. `jsonLength` is the
/// request's header Inference-Header-Content-Length, empty without. Errors are InvalidInput and name the tensor.
Result<PredictionRequest> parseInfer(std::string_view body, const RowReader& reader, std::size_t rowLimit,
                                     KeepCells keep = KeepCells::No, std::string_view jsonLength = {});

/// An answer and, if some of its tensors are bytes, how much of it is JSON: the rest follows without a gap.
struct InferAnswer {
    std::string body;
    std::size_t jsonBytes = 0; ///< 0: all of it
};
/// The outputs that the model has of those asked for, score first.
InferAnswer formatInfer(const PredictionAnswer& answer, std::span<const WantedOutput> outputs);

/// The datatypes that a tensor of a field may have, the usual one first.
std::vector<std::string> acceptedDatatypes(data::FieldType type);

/// Those of a tensor of entities for the lookup table.
std::vector<std::string> keyDatatypes();

/// The answer to `GET /v2/models/<name>`; `lookup` may be null.
std::string inferenceMetadata(const model::Package& package, Version version, const FeatureLookup* lookup = nullptr);

} // namespace perch::serving
