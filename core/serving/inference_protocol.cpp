#include "core/serving/inference_protocol.h"

#include "core/base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::serving {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 10> kNumberTypes = {"FP64", "FP32",   "INT64",  "INT32",  "INT16",
                                                           "INT8", "UINT64", "UINT32", "UINT16", "UINT8"};

std::string_view datatypeOf(data::FieldType type) {
    switch (type) {
    case data::FieldType::Boolean:
        return "BOOL";
    case data::FieldType::Category:
        return "BYTES";
    case data::FieldType::Number:
        break;
    }
    return "FP64";
}

bool accepts(data::FieldType type, std::string_view datatype) {
    if (type == data::FieldType::Number)
        return std::ranges::find(kNumberTypes, datatype) != kNumberTypes.end();
    return datatype == datatypeOf(type);
}

std::string textOf(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The number of rows that a tensor says it has.
Result<std::size_t> rowsOf(const json& tensor, const std::string& name) {
    const auto shape = tensor.find("shape");
    const bool valid = shape != tensor.end() && shape->is_array() && (shape->size() == 1 || shape->size() == 2) &&
                       (*shape)[0].is_number_unsigned() && (shape->size() == 1 || (*shape)[1] == 1);
    if (!valid)
        return invalidInput(name, fmt::format("The shape of the tensor \"{}\" must be [n] or [n, 1].", name));
    return (*shape)[0].get<std::size_t>();
}

/// The values of a tensor, flat: [n, 1] may be written nested.
Result<std::vector<const json*>> valuesOf(const json& tensor, const std::string& name, std::size_t rows) {
    std::vector<const json*> values;
    const auto data = tensor.find("data");
    if (data == tensor.end() || !data->is_array())
        return invalidInput(name, fmt::format("The tensor \"{}\" has no list \"data\".", name));
    for (const json& value : *data)
        values.push_back(value.is_array() && value.size() == 1 ? &value[0] : &value);
    if (values.size() != rows)
        return invalidInput(
            name, fmt::format("The tensor \"{}\" has {} values, its shape says {}.", name, values.size(), rows));
    return values;
}

/// The cells of all tensors, one column per field; a column that stays empty is absent.
struct Columns {
    std::size_t rows = 0;
    std::vector<std::vector<const json*>> values;
};

Result<void> readTensor(const json& tensor, const RowReader& reader, std::size_t rowLimit, Columns& columns) {
    const std::string name = tensor.is_object() ? textOf(tensor, "name") : std::string();
    if (name.empty())
        return invalidInput("inputs", "Every entry of \"inputs\" must be an object with a \"name\".");
    const std::optional<std::size_t> field = reader.transform().find(name);
    if (!field)
        return reader.unknownField(name, "");
    if (!columns.values[*field].empty())
        return invalidInput(name, fmt::format("The tensor \"{}\" is there twice.", name));
    const data::FieldType type = reader.transform().fields()[*field].type;
    const std::string datatype = textOf(tensor, "datatype");
    if (!accepts(type, datatype))
        return invalidInput(name, fmt::format("The tensor \"{}\" must have the datatype {}, not \"{}\".", name,
                                              datatypeOf(type), shownText(datatype)));
    const std::size_t rows = TRY(rowsOf(tensor, name));
    if (rows == 0 || rows > rowLimit)
        return invalidInput(name,
                            fmt::format("The tensor \"{}\" has {} rows; 1 to {} are allowed.", name, rows, rowLimit));
    if (columns.rows != 0 && columns.rows != rows)
        return invalidInput(name,
                            fmt::format("The tensor \"{}\" has {} rows, others have {}.", name, rows, columns.rows));
    columns.rows = rows;
    columns.values[*field] = TRY(valuesOf(tensor, name, rows));
    return {};
}

Result<void> encodeColumns(const Columns& columns, const RowReader& reader, EncodedRows& rows) {
    const auto& fields = reader.transform().fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (columns.values[i].empty() && !reader.mayBeAbsent(i))
            return reader.absentField(i, "");
    }
    std::vector<data::Cell> cells(fields.size());
    for (std::size_t row = 0; row < columns.rows; ++row) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            cells[i] = data::Cell();
            if (!columns.values[i].empty())
                cells[i] = TRY(cellFromJson(*columns.values[i][row], fields[i].name));
        }
        TRY(reader.append(cells, columns.rows == 1 ? "" : fmt::format("row {}", row), rows));
    }
    return {};
}

Result<std::vector<std::string>> outputsOf(const json& document, const RowReader& reader) {
    std::vector<std::string> outputs;
    for (const json& output : document.value("outputs", json::array())) {
        const std::string name = output.is_object() ? textOf(output, "name") : std::string();
        if (name != "score" && (name != "class" || !reader.hasClasses()))
            return invalidInput("outputs",
                                fmt::format("There is no output \"{}\"; there {}.", shownText(name),
                                            reader.hasClasses() ? "are \"score\" and \"class\"" : "is \"score\""));
        outputs.push_back(name);
    }
    return outputs;
}

} // namespace

Result<PredictionRequest> parseInfer(std::string_view body, const RowReader& reader, std::size_t rowLimit,
                                     KeepCells keep) {
    const json document = TRY(parseBody(body));
    const bool valid = document.is_object() && document.contains("inputs") && document["inputs"].is_array() &&
                       (!document.contains("outputs") || document["outputs"].is_array());
    if (!valid)
        return invalidInput("inputs", "The body must be an object with a list \"inputs\".");
    PredictionRequest request;
    request.rows.keepsCells = keep == KeepCells::Yes;
    request.outputs = TRY(outputsOf(document, reader));
    if (const auto id = document.find("id"); id != document.end() && *id != "") {
        request.id = textOf(document, "id");
        TRY(checkRequestId(request.id));
    }
    Columns columns;
    columns.values.resize(reader.transform().width());
    for (const json& tensor : document["inputs"])
        TRY(readTensor(tensor, reader, rowLimit, columns));
    if (columns.rows == 0)
        return invalidInput("inputs", "\"inputs\" holds no tensor.");
    TRY(encodeColumns(columns, reader, request.rows));
    return request;
}

std::string formatInfer(const PredictionAnswer& answer, std::span<const std::string> outputs) {
    const auto wanted = [&](std::string_view name) {
        if (name == "class" && answer.classes.empty())
            return false;
        return outputs.empty() || std::ranges::find(outputs, name) != outputs.end();
    };
    std::string scores, classes;
    for (const model::Prediction& prediction : answer.predictions) {
        if (!scores.empty()) {
            scores += ',';
            classes += ',';
        }
        appendScore(scores, prediction.score);
        if (!answer.classes.empty())
            classes += answer.classes[prediction.classIndex];
    }
    std::string tensors;
    const std::size_t rows = answer.predictions.size();
    if (wanted("score"))
        tensors = fmt::format(R"({{"name":"score","datatype":"FP32","shape":[{}],"data":[{}]}})", rows, scores);
    if (wanted("class"))
        tensors += fmt::format(R"({}{{"name":"class","datatype":"BYTES","shape":[{}],"data":[{}]}})",
                               tensors.empty() ? "" : ",", rows, classes);
    return fmt::format(R"({{"model_name":"{}","model_version":"{}","id":"{}","outputs":[{}]}})", answer.model.text(),
                       answer.version.text(), answer.id, tensors);
}

std::vector<std::string> acceptedDatatypes(data::FieldType type) {
    if (type == data::FieldType::Number)
        return {kNumberTypes.begin(), kNumberTypes.end()};
    return {std::string(datatypeOf(type))};
}

std::string inferenceMetadata(const model::Package& package, Version version) {
    nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
    for (const data::Field& field : package.transform.fields())
        inputs.push_back({{"name", field.name}, {"datatype", datatypeOf(field.type)}, {"shape", {-1}}});
    nlohmann::ordered_json outputs = nlohmann::ordered_json::array();
    outputs.push_back({{"name", "score"}, {"datatype", "FP32"}, {"shape", {-1}}});
    if (!package.card.classes.empty())
        outputs.push_back({{"name", "class"}, {"datatype", "BYTES"}, {"shape", {-1}}});
    const nlohmann::ordered_json metadata = {{"name", package.card.model.text()},
                                             {"versions", {version.text()}},
                                             {"platform", "xgboost"},
                                             {"inputs", std::move(inputs)},
                                             {"outputs", std::move(outputs)}};
    return metadata.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace perch::serving
