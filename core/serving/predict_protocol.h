#pragma once

#include "core/serving/prediction.h"

#include <memory>

namespace perch::serving {

/// Whether a body without `inputs` may be the row itself.
enum class BareRow { No, Yes };

/// A body that is read, but not yet as the rows of one model.
struct PredictBody {
    std::shared_ptr<const nlohmann::json> document;
    std::vector<const nlohmann::json*> rows; ///< within the document
    bool list = false;                       ///< the rows came as a list, so that errors name their index
    std::string id;                          ///< empty: the caller gave none

    /// How errors name a row: `inputs[3]`, empty where there is only one.
    std::string placeOf(std::size_t row) const;
};

/// The body of `POST /v1/models/<name>:predict` and of the alias path:
///   {"inputs": {field: value, ...}, "request_id": "..."}       one row
///   {"inputs": [{...}, ...], "request_id": "..."}              up to `rowLimit` rows
/// With BareRow::Yes (the alias path) a body whose top level has no `inputs` is one row itself.
Result<PredictBody> readPredictBody(std::string_view body, BareRow bareRow, std::size_t rowLimit);
/// The same as rows of one model.
Result<PredictionRequest> parsePredict(std::string_view body, const RowReader& reader, BareRow bareRow,
                                       std::size_t rowLimit, KeepCells keep = KeepCells::No);

/// {"predictions":[{"class","score","confidence"}],"model","model_version","request_id"}, "notes" if there are any,
/// and "stale_features": true if features came from a lookup table that is older than allowed.
/// Binary: the score is the probability of the positive class, the confidence that of the answer. Multi-class: both are
/// the probability of the class. The predictions of a regression hold the score alone: the number itself.
std::string formatPredict(const PredictionAnswer& answer);

/// One row of an answer that several models gave.
struct NamedPrediction {
    const ModelName* model = nullptr;
    Version version;
    std::span<const std::string> classes; ///< as JSON strings
    model::Prediction prediction;
};
/// The same with `model` and `model_version` at each prediction instead of once.
std::string formatPredictions(std::span<const NamedPrediction> predictions, std::span<const std::string> notes,
                              bool stale, std::string_view id);

} // namespace perch::serving
