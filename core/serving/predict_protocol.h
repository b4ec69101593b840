#pragma once

#include "core/serving/prediction.h"

namespace perch::serving {

/// Whether a body without `inputs` may be the row itself.
enum class BareRow { No, Yes };

/// The body of `POST /v1/models/<name>:predict` and of the alias path:
///   {"inputs": {field: value, ...}, "request_id": "..."}       one row
///   {"inputs": [{...}, ...], "request_id": "..."}              up to `rowLimit` rows
/// With BareRow::Yes (the alias path) a body whose top level has no `inputs` is one row itself.
Result<PredictionRequest> parsePredict(
    std::string_view body, const RowReader& reader, BareRow bareRow, std::size_t rowLimit);

/// {"predictions":[{"class","score","confidence"}],"model","model_version","request_id"}, and "notes" if there are any.
/// Binary: the score is the probability of the positive class, the confidence that of the answer. Multi-class: both are
/// the probability of the class. The predictions of a regression hold the score alone: the number itself.
std::string formatPredict(const PredictionAnswer& answer);

} // namespace perch::serving
