#include "core/serving/inference_protocol.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/serving/tensor_values.h"

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

/// The number of rows that a tensor says it has.
Result<std::size_t> rowsOf(const json& tensor, const std::string& name) {
    const auto shape = tensor.find("shape");
    const bool valid = shape != tensor.end() && shape->is_array() && (shape->size() == 1 || shape->size() == 2) &&
                       (*shape)[0].is_number_unsigned() && (shape->size() == 1 || (*shape)[1] == 1);
    if (!valid)
        return invalidInput(name, fmt::format("The shape of the tensor \"{}\" must be [n] or [n, 1].", name));
    return (*shape)[0].get<std::size_t>();
}

/// The values of all tensors, one column per field.
struct Columns {
    std::size_t rows = 0;
    std::vector<TensorValues> values;
    TensorValues entities; ///< the keys for the lookup table, if the request has them
};

Result<void> readTensor(const json& tensor, const RowReader& reader, std::size_t rowLimit, BinaryBody& body,
                        Columns& columns) {
    const std::string name = tensor.is_object() ? jsonText(tensor, "name") : std::string();
    if (name.empty())
        return invalidInput("inputs", "Every entry of \"inputs\" must be an object with a \"name\".");
    const std::optional<std::size_t> field = reader.transform().find(name);
    const bool isKey = reader.isKey(name);
    if (!field && !isKey)
        return reader.unknownField(name, "");
    if (field ? columns.values[*field].present() : columns.entities.present())
        return invalidInput(name, fmt::format("The tensor \"{}\" is there twice.", name));
    const std::vector<std::string> accepted =
        field ? acceptedDatatypes(reader.transform().fields()[*field].type) : keyDatatypes();
    const std::string datatype = jsonText(tensor, "datatype");
    if (std::ranges::find(accepted, datatype) == accepted.end())
        return invalidInput(name, fmt::format("The tensor \"{}\" must have the datatype {}, not \"{}\".", name,
                                              accepted.front(), shownText(datatype)));
    const std::size_t rows = TRY(rowsOf(tensor, name));
    if (rows == 0 || rows > rowLimit)
        return invalidInput(name,
                            fmt::format("The tensor \"{}\" has {} rows; 1 to {} are allowed.", name, rows, rowLimit));
    if (columns.rows != 0 && columns.rows != rows)
        return invalidInput(name,
                            fmt::format("The tensor \"{}\" has {} rows, others have {}.", name, rows, columns.rows));
    columns.rows = rows;
    const TensorValues values = TRY(TensorValues::read(tensor, name, datatype, rows, body));
    if (isKey)
        columns.entities = values;
    if (field)
        columns.values[*field] = values;
    return {};
}

Result<void> encodeColumns(const Columns& columns, const RowReader& reader, EncodedRows& rows) {
    const auto& fields = reader.transform().fields();
    std::vector<bool> given;
    for (const TensorValues& values : columns.values)
        given.push_back(values.present());
    rows.values.reserve(columns.rows * fields.size());
    std::vector<data::Cell> cells(fields.size());
    std::optional<std::string> entity;
    for (std::size_t row = 0; row < columns.rows; ++row) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            cells[i] = TRY(columns.values[i].cell(row, fields[i].name));
        if (columns.entities.present())
            entity = TRY(columns.entities.key(row, reader.lookup()->key()));
        TRY(reader.append(cells, given, entity, columns.rows == 1 ? "" : fmt::format("row {}", row), rows));
    }
    return {};
}

/// A parameter that says whether outputs come as bytes.
Result<bool> binaryWanted(const json& object, const char* key, bool otherwise) {
    const json* parameters = TRY(tensorParameters(object));
    if (parameters == nullptr || !parameters->contains(key))
        return otherwise;
    if (!(*parameters)[key].is_boolean())
        return invalidInput("outputs", fmt::format("The parameter \"{}\" must be true or false.", key));
    return (*parameters)[key].get<bool>();
}

/// The outputs that are asked for: all if none is named.
Result<std::vector<WantedOutput>> outputsOf(const json& document, const RowReader& reader) {
    const bool binary = TRY(binaryWanted(document, "binary_data_output", false));
    std::vector<WantedOutput> outputs;
    for (const json& output : document.value("outputs", json::array())) {
        const std::string name = output.is_object() ? jsonText(output, "name") : std::string();
        if (name != "score" && (name != "class" || !reader.hasClasses()))
            return invalidInput("outputs",
                                fmt::format("There is no output \"{}\"; there {}.", shownText(name),
                                            reader.hasClasses() ? "are \"score\" and \"class\"" : "is \"score\""));
        outputs.push_back({name, TRY(binaryWanted(output, "binary_data", binary))});
    }
    if (outputs.empty())
        outputs = {{"score", binary}, {"class", binary}};
    return outputs;
}

/// The answer while its outputs are added.
class InferWriter {
public:
    explicit InferWriter(const PredictionAnswer& answer) : m_answer(answer) {}

    void addScores(bool binary) {
        const auto predictions = m_answer.predictions;
        add(
            "score", "FP32", binary, [&](std::size_t row) { appendScore(m_tensors, predictions[row].score); },
            [&](std::size_t row) { appendBinary(m_bytes, predictions[row].score); });
    }
    void addClasses(bool binary) {
        const auto predictions = m_answer.predictions;
        add(
            "class", "BYTES", binary,
            [&](std::size_t row) { m_tensors += m_answer.classes[predictions[row].classIndex]; },
            [&](std::size_t row) { appendBinary(m_bytes, m_answer.classTexts[predictions[row].classIndex]); });
    }
    InferAnswer take() {
        InferAnswer answer;
        answer.body = fmt::format(R"({{"model_name":"{}","model_version":"{}","id":"{}","outputs":[{}]{}}})",
                                  m_answer.model.text(), m_answer.version.text(), m_answer.id, m_tensors,
                                  m_answer.stale ? R"(,"parameters":{"stale_features":true})" : "");
        if (m_binary)
            answer.jsonBytes = answer.body.size();
        answer.body += m_bytes;
        return answer;
    }

private:
    void add(const char* name, const char* datatype, bool binary, auto appendJson, auto appendBytes) {
        const std::size_t rows = m_answer.predictions.size(), before = m_bytes.size();
        fmt::format_to(std::back_inserter(m_tensors), R"({}{{"name":"{}","datatype":"{}","shape":[{}],)",
                       m_tensors.empty() ? "" : ",", name, datatype, rows);
        m_binary = m_binary || binary;
        if (binary) {
            for (std::size_t row = 0; row < rows; ++row)
                appendBytes(row);
            fmt::format_to(std::back_inserter(m_tensors), R"("parameters":{{"binary_data_size":{}}}}})",
                           m_bytes.size() - before);
            return;
        }
        m_tensors += "\"data\":[";
        for (std::size_t row = 0; row < rows; ++row) {
            m_tensors += row == 0 ? "" : ",";
            appendJson(row);
        }
        m_tensors += "]}";
    }

    const PredictionAnswer& m_answer;
    std::string m_tensors; ///< JSON
    std::string m_bytes;
    bool m_binary = false;
};

} // namespace

Result<PredictionRequest> parseInfer(std::string_view body, const RowReader& reader, std::size_t rowLimit,
                                     KeepCells keep, std::string_view jsonLength) {
    BinaryBody parts = TRY(BinaryBody::split(body, jsonLength));
    const json document = TRY(parseBody(parts.json()));
    const bool valid = document.is_object() && document.contains("inputs") && document["inputs"].is_array() &&
                       (!document.contains("outputs") || document["outputs"].is_array());
    if (!valid)
        return invalidInput("inputs", "The body must be an object with a list \"inputs\".");
    PredictionRequest request;
    request.rows.keepsCells = keep == KeepCells::Yes;
    request.outputs = TRY(outputsOf(document, reader));
    if (const auto id = document.find("id"); id != document.end() && *id != "") {
        request.id = jsonText(document, "id");
        TRY(checkRequestId(request.id));
    }
    Columns columns;
    columns.values.resize(reader.transform().width());
    for (const json& tensor : document["inputs"])
        TRY(readTensor(tensor, reader, rowLimit, parts, columns));
    if (columns.rows == 0)
        return invalidInput("inputs", "\"inputs\" holds no tensor.");
    TRY(parts.checkAllTaken());
    TRY(encodeColumns(columns, reader, request.rows));
    return request;
}

InferAnswer formatInfer(const PredictionAnswer& answer, std::span<const WantedOutput> outputs) {
    InferWriter writer(answer);
    const auto wanted = [&](std::string_view name) { return std::ranges::find(outputs, name, &WantedOutput::name); };
    if (const auto score = wanted("score"); score != outputs.end())
        writer.addScores(score->binary);
    if (const auto klass = wanted("class"); klass != outputs.end() && !answer.classes.empty())
        writer.addClasses(klass->binary);
    return writer.take();
}

std::vector<std::string> acceptedDatatypes(data::FieldType type) {
    if (type == data::FieldType::Number)
        return {kNumberTypes.begin(), kNumberTypes.end()};
    return {std::string(datatypeOf(type))};
}

std::vector<std::string> keyDatatypes() {
    std::vector<std::string> datatypes = {"BYTES"};
    for (const std::string_view datatype : kNumberTypes) {
        if (datatype.find("INT") != std::string_view::npos)
            datatypes.emplace_back(datatype);
    }
    return datatypes;
}

std::string inferenceMetadata(const model::Package& package, Version version, const FeatureLookup* lookup) {
    nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
    for (const data::Field& field : package.transform.fields())
        inputs.push_back({{"name", field.name}, {"datatype", datatypeOf(field.type)}, {"shape", {-1}}});
    if (lookup != nullptr && !package.transform.find(lookup->key()))
        inputs.push_back({{"name", lookup->key()}, {"datatype", "BYTES"}, {"shape", {-1}}});
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
