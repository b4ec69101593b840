#include "core/serving/predict_protocol.h"

#include "core/base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::serving {

namespace {

constexpr std::string_view kStale = R"(,"stale_features":true)";

Result<void> listRows(const nlohmann::json& inputs, std::size_t rowLimit, PredictBody& body) {
    body.list = inputs.is_array();
    if (!body.list) {
        body.rows.push_back(&inputs);
        return {};
    }
    if (inputs.empty())
        return invalidInput("inputs", "\"inputs\" holds no row.");
    if (inputs.size() > rowLimit)
        return invalidInput("inputs",
                            fmt::format("\"inputs\" holds {} rows; the limit is {}.", inputs.size(), rowLimit));
    body.rows.reserve(inputs.size());
    for (const nlohmann::json& row : inputs)
        body.rows.push_back(&row);
    return {};
}

/// `{"class":...,"score":...,"confidence":...`, still open.
void appendPrediction(std::string& text, const model::Prediction& prediction, std::span<const std::string> classes) {
    if (classes.empty()) {
        text += "{\"score\":";
        appendScore(text, prediction.score);
        return;
    }
    text += "{\"class\":";
    text += classes[prediction.classIndex];
    text += ",\"score\":";
    appendScore(text, prediction.score);
    fmt::format_to(std::back_inserter(text), ",\"confidence\":{}", prediction.confidence);
}

void appendNotes(std::string& text, std::span<const std::string> notes) {
    if (notes.empty())
        return;
    const nlohmann::json list(std::vector<std::string>(notes.begin(), notes.end()));
    text += ",\"notes\":" + list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::string PredictBody::placeOf(std::size_t row) const {
    return list ? fmt::format("inputs[{}]", row) : std::string();
}

Result<PredictBody> readPredictBody(std::string_view text, BareRow bareRow, std::size_t rowLimit) {
    PredictBody body;
    body.document = std::make_shared<const nlohmann::json>(TRY(parseBody(text)));
    const nlohmann::json& document = *body.document;
    if (!document.is_object())
        return invalidInput("inputs", "The body must be an object with \"inputs\".");
    const auto inputs = document.find("inputs");
    if (inputs == document.end()) {
        if (bareRow == BareRow::No)
            return invalidInput("inputs", "The body must be an object with \"inputs\".");
        body.rows.push_back(&document);
        return body;
    }
    for (const auto& [key, value] : document.items()) {
        if (key == "request_id") {
            if (!value.is_string())
                return invalidInput("request_id", "\"request_id\" must be a text.");
            body.id = value.get<std::string>();
            TRY(checkRequestId(body.id));
        } else if (key != "inputs") {
            return invalidInput(
                key.substr(0, 100),
                fmt::format("The body may hold \"inputs\" and \"request_id\", not \"{}\".", shownText(key)));
        }
    }
    TRY(listRows(*inputs, rowLimit, body));
    return body;
}

Result<PredictionRequest> parsePredict(std::string_view text, const RowReader& reader, BareRow bareRow,
                                       std::size_t rowLimit, KeepCells keep) {
    PredictBody body = TRY(readPredictBody(text, bareRow, rowLimit));
    PredictionRequest request;
    request.rows.keepsCells = keep == KeepCells::Yes;
    request.rows.values.reserve(body.rows.size() * reader.transform().width());
    for (std::size_t i = 0; i < body.rows.size(); ++i)
        TRY(reader.append(*body.rows[i], body.placeOf(i), request.rows));
    request.id = std::move(body.id);
    return request;
}

std::string formatPredict(const PredictionAnswer& answer) {
    std::string text = "{\"predictions\":[";
    text.reserve(160 + 80 * answer.predictions.size());
    for (const model::Prediction& prediction : answer.predictions) {
        if (text.back() != '[')
            text += ',';
        appendPrediction(text, prediction, answer.classes);
        text += '}';
    }
    fmt::format_to(std::back_inserter(text), "],\"model\":\"{}\",\"model_version\":\"{}\",\"request_id\":\"{}\"",
                   answer.model.text(), answer.version.text(), answer.id);
    appendNotes(text, answer.notes);
    text += answer.stale ? kStale : "";
    text += '}';
    return text;
}

std::string formatPredictions(std::span<const NamedPrediction> predictions, std::span<const std::string> notes,
                              bool stale, std::string_view id) {
    std::string text = "{\"predictions\":[";
    text.reserve(80 + 140 * predictions.size());
    for (const NamedPrediction& named : predictions) {
        if (text.back() != '[')
            text += ',';
        appendPrediction(text, named.prediction, named.classes);
        fmt::format_to(std::back_inserter(text), ",\"model\":\"{}\",\"model_version\":\"{}\"}}", named.model->text(),
                       named.version.text());
    }
    fmt::format_to(std::back_inserter(text), "],\"request_id\":\"{}\"", id);
    appendNotes(text, notes);
    text += stale ? kStale : "";
    text += '}';
    return text;
}

} // namespace perch::serving
