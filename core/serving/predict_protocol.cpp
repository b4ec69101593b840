#include "core/serving/predict_protocol.h"

#include "core/base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::serving {

namespace {

Result<void> readRows(const nlohmann::json& inputs, const RowReader& reader, std::size_t rowLimit, EncodedRows& rows) {
    if (!inputs.is_array())
        return reader.append(inputs, "", rows);
    if (inputs.empty())
        return invalidInput("inputs", "\"inputs\" holds no row.");
    if (inputs.size() > rowLimit)
        return invalidInput("inputs",
                            fmt::format("\"inputs\" holds {} rows; the limit is {}.", inputs.size(), rowLimit));
    rows.values.reserve(inputs.size() * reader.transform().width());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        TRY(reader.append(inputs[i], fmt::format("inputs[{}]", i), rows));
    return {};
}

} // namespace

Result<PredictionRequest> parsePredict(std::string_view body, const RowReader& reader, BareRow bareRow,
                                       std::size_t rowLimit) {
    const nlohmann::json document = TRY(parseBody(body));
    if (!document.is_object())
        return invalidInput("inputs", "The body must be an object with \"inputs\".");
    PredictionRequest request;
    const auto inputs = document.find("inputs");
    if (inputs == document.end()) {
        if (bareRow == BareRow::No)
            return invalidInput("inputs", "The body must be an object with \"inputs\".");
        TRY(reader.append(document, "", request.rows));
        return request;
    }
    for (const auto& [key, value] : document.items()) {
        if (key == "request_id") {
            if (!value.is_string())
                return invalidInput("request_id", "\"request_id\" must be a text.");
            request.id = value.get<std::string>();
            TRY(checkRequestId(request.id));
        } else if (key != "inputs") {
            return invalidInput(
                key.substr(0, 100),
                fmt::format("The body may hold \"inputs\" and \"request_id\", not \"{}\".", shownText(key)));
        }
    }
    TRY(readRows(*inputs, reader, rowLimit, request.rows));
    return request;
}

std::string formatPredict(const PredictionAnswer& answer) {
    std::string text = "{\"predictions\":[";
    text.reserve(160 + 80 * answer.predictions.size());
    for (const model::Prediction& prediction : answer.predictions) {
        if (text.back() != '[')
            text += ',';
        if (answer.classes.empty()) {
            text += "{\"score\":";
            appendScore(text, prediction.score);
            text += '}';
            continue;
        }
        text += "{\"class\":";
        text += answer.classes[prediction.classIndex];
        text += ",\"score\":";
        appendScore(text, prediction.score);
        fmt::format_to(std::back_inserter(text), ",\"confidence\":{}}}", prediction.confidence);
    }
    fmt::format_to(std::back_inserter(text), "],\"model\":\"{}\",\"model_version\":\"{}\",\"request_id\":\"{}\"",
                   answer.model.text(), answer.version.text(), answer.id);
    if (!answer.notes.empty()) {
        const nlohmann::json notes(std::vector<std::string>(answer.notes.begin(), answer.notes.end()));
        text += ",\"notes\":" + notes.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    text += '}';
    return text;
}

} // namespace perch::serving
