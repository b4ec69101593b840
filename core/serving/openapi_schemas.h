#pragma once

#include "core/serving/field_route.h"
#include "core/serving/served_model.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::serving {

// The JSON Schemas (2020-12) of what a model takes and gives; internal to the OpenAPI document. Each is exactly what
// the parsers and formatters of the protocols do, as far as a schema can say it: it cannot say that all tensors have
// the same number of rows.

using OrderedJson = nlohmann::ordered_json;

/// A row as an object of named fields. A field `beside` of the value `value` may stand in it too.
OrderedJson rowSchema(const ServedModel& model);
OrderedJson rowSchema(const ServedModel& model, const std::string& beside, const OrderedJson& value);
/// `{"inputs": row or list of rows, "request_id"}`
OrderedJson inputsSchema(const OrderedJson& row, std::size_t rowLimit);
/// The answer to it.
OrderedJson answerSchema(const ServedModel& model);
/// An answer that several models gave.
OrderedJson mixedAnswerSchema(std::span<const ServedModel* const> models);
/// Body and answer of the Open Inference Protocol.
OrderedJson inferSchema(const ServedModel& model, std::size_t rowLimit);
OrderedJson inferAnswerSchema(const ServedModel& model);
OrderedJson inferMetadataSchema();
/// A request id as checkRequestId takes it.
OrderedJson requestIdSchema();
/// `v7`
OrderedJson versionSchema();
OrderedJson errorSchema();
OrderedJson feedbackSchema();
OrderedJson feedbackAnswerSchema();
/// An object of exactly these properties, all of them required.
OrderedJson objectOf(OrderedJson properties);

} // namespace perch::serving
