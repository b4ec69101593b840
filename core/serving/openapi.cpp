#include "core/serving/openapi.h"

#include "core/serving/binary_tensors.h"
#include "core/serving/openapi_schemas.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::serving {

namespace {

/// `true` in a rule means the text and the boolean, `3` the text and the number.
OrderedJson listedValues(const RouteRule& rule, const ModelName* model) {
    OrderedJson values = OrderedJson::array();
    for (const auto& [text, target] : rule.route.models) {
        if (model != nullptr && target != *model)
            continue;
        values.push_back(text);
        const OrderedJson scalar = OrderedJson::parse(text, nullptr, false);
        if (scalar.is_boolean() || (scalar.is_number() && fmt::format("{}", scalar.get<double>()) == text))
            values.push_back(scalar);
    }
    return {{"enum", std::move(values)}};
}

OrderedJson refTo(const char* kind, const std::string& name) {
    return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

OrderedJson jsonContent(OrderedJson schema) {
    return {{"application/json", {{"schema", std::move(schema)}}}};
}

OrderedJson responseOf(std::string_view description, OrderedJson schema) {
    return {{"description", description}, {"content", jsonContent(std::move(schema))}};
}

OrderedJson errorOf(std::string_view description) {
    return responseOf(description, refTo("schemas", "Error"));
}

/// The document while it is put together.
class Document {
public:
    explicit Document(const ServedApi& api) : m_api(api) {}

    OrderedJson make() {
        m_schemas["Error"] = errorSchema();
        m_schemas["Feedback"] = feedbackSchema();
        for (const auto& model : m_api.models)
            addModel(*model);
        for (const RouteRule& rule : m_api.rules)
            addRule(rule);
        addCommon();
        return {{"openapi", "3.1.0"},
                {"info",
                 {{"title", "perch-server"},
                  {"version", m_api.programVersion},
                  {"description", "Predictions of the models that this server has loaded now."}}},
                {"jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"},
                {"servers", OrderedJson::array({{{"url", "/"}}})},
                {"paths", std::move(m_paths)},
                {"components",
                 {{"schemas", std::move(m_schemas)},
                  {"parameters",
                   {{"RequestId",
                     {{"name", "X-Request-Id"},
                      {"in", "header"},
                      {"description", "The id, unless the body has one."},
                      {"schema", requestIdSchema()}}}}},
                  {"responses",
                   {{"Invalid", errorOf("The request is at fault; the message names the field, row or byte.")},
                    {"TooLarge", errorOf("The body is too large.")},
                    {"Full", full()},
                    {"Unavailable", errorOf("The model is not loaded, or the server cannot answer now.")},
                    {"Other", errorOf("Any other failure.")}}}}}};
    }

private:
    static OrderedJson full() {
        OrderedJson response = errorOf("Too many large requests at once.");
        response["headers"] = {{"Retry-After", {{"schema", {{"type", "integer"}}}, {"description", "Seconds."}}}};
        return response;
    }

    static void addErrors(OrderedJson& responses) {
        const std::pair<const char*, const char*> errors[] = {
            {"400", "Invalid"}, {"413", "TooLarge"}, {"429", "Full"}, {"503", "Unavailable"}, {"default", "Other"}};
        for (const auto& [status, name] : errors)
            responses[status] = refTo("responses", name);
    }

    OrderedJson post(std::string_view summary, OrderedJson body, const char* status, OrderedJson answer) {
        OrderedJson responses = {{status, responseOf("The answer.", std::move(answer))}};
        addErrors(responses);
        return {{"post",
                 {{"summary", summary},
                  {"requestBody", {{"required", true}, {"content", jsonContent(std::move(body))}}},
                  {"responses", std::move(responses)}}}};
    }

    OrderedJson prediction(std::string_view summary, OrderedJson body, OrderedJson answer) {
        OrderedJson path = post(summary, std::move(body), "200", std::move(answer));
        path["post"]["parameters"] = OrderedJson::array({refTo("parameters", "RequestId")});
        OrderedJson& ok = path["post"]["responses"]["200"];
        ok["headers"] = {{"X-Request-Id", {{"schema", requestIdSchema()}}}};
        return path;
    }

    /// The same with tensors as bytes, by the protocol's binary extension.
    static OrderedJson withBinary(OrderedJson path) {
        const OrderedJson bytes = {{"schema", {{"type", "string"}, {"contentMediaType", kBinaryType}}}};
        const OrderedJson length = {{"type", "integer"}, {"minimum", 1}};
        OrderedJson& post = path["post"];
        post["requestBody"]["description"] = fmt::format(
            "As {}: the JSON, in which inputs may have \"parameters\": {{\"binary_data_size\": n}} instead of "
            "\"data\", and behind it their n bytes each, little-endian, in the order of the inputs. BOOL is "
            "one byte 0 or 1; a value of BYTES follows its length in four bytes; NaN is a missing number.",
            kBinaryType);
        post["requestBody"]["content"][kBinaryType] = bytes;
        post["parameters"].push_back(
            {{"name", kJsonLengthHeader},
             {"in", "header"},
             {"description", "How many bytes of the body are JSON; needed where not all of them are."},
             {"schema", length}});
        OrderedJson& ok = post["responses"]["200"];
        ok["description"] =
            fmt::format("The answer; {} where an output is asked for as bytes, of the same form.", kBinaryType);
        ok["content"][kBinaryType] = bytes;
        ok["headers"][kJsonLengthHeader] = {{"schema", length}};
        return path;
    }

    /// A GET whose 503, if it has one, answers like its 200.
    static OrderedJson get(std::string_view summary, OrderedJson answer, bool may503 = false) {
        OrderedJson responses = {{"200", responseOf("The answer.", answer)}};
        if (may503)
            responses["503"] = responseOf("Not ready.", std::move(answer));
        responses["default"] = refTo("responses", "Other");
        return {{"get", {{"summary", summary}, {"responses", std::move(responses)}}}};
    }

    void addModel(const ServedModel& model) {
        const std::string name = model.name().text(), number = std::to_string(model.version().number);
        const std::string key = fmt::format("{}.v{}", name, number);
        m_schemas[key + ".Row"] = rowSchema(model);
        m_schemas[key + ".Inputs"] = inputsSchema(refTo("schemas", key + ".Row"), m_api.rowLimit);
        m_schemas[key + ".Answer"] = answerSchema(model);
        m_schemas[key + ".Infer"] = inferSchema(model, m_api.rowLimit);
        m_schemas[key + ".InferAnswer"] = inferAnswerSchema(model);
        const OrderedJson inputs = refTo("schemas", key + ".Inputs"), answer = refTo("schemas", key + ".Answer");
        m_paths[model.pathOf(Endpoint::Predict)] =
            prediction(fmt::format("Predict by the version of {} that was loaded last.", name), inputs, answer);
        m_paths[model.pathOf(Endpoint::Alias)] =
            prediction(fmt::format("The same; without `inputs` the body is the row itself."),
                       {{"anyOf", OrderedJson::array({inputs, refTo("schemas", key + ".Row")})}}, answer);
        const std::string base = "/v2/models/" + name;
        for (const std::string& path : {base, base + "/versions/v" + number, base + "/versions/" + number}) {
            m_paths[path] =
                get("What the model takes and gives, by the Open Inference Protocol.", inferMetadataSchema());
            m_paths[path + "/ready"] = get("Whether the version answers.", readySchema(), true);
            m_paths[path + "/infer"] =
                withBinary(prediction("Predict by the Open Inference Protocol v2.", refTo("schemas", key + ".Infer"),
                                      refTo("schemas", key + ".InferAnswer")));
        }
    }

    const ServedModel* newest(const ModelName& name) const {
        const ServedModel* found = nullptr;
        for (const auto& model : m_api.models) {
            if (model->name() == name)
                found = model.get();
        }
        return found;
    }

    /// A rule's path takes the rows of all its models, each with the value that leads to it.
    void addRule(const RouteRule& rule) {
        OrderedJson rows = OrderedJson::array(), answers = OrderedJson::array();
        std::vector<const ServedModel*> models;
        const auto add = [&](const ModelName& name, const OrderedJson& value) {
            const ServedModel* model = newest(name);
            if (model == nullptr)
                return;
            rows.push_back(rowSchema(*model, rule.route.field, value));
            if (std::ranges::find(models, model) == models.end()) {
                models.push_back(model);
                answers.push_back(answerSchema(*model));
            }
        };
        add(rule.model, {{"type", {"string", "number", "boolean", "null"}}, {"not", listedValues(rule, nullptr)}});
        std::vector<ModelName> targets;
        for (const auto& [value, target] : rule.route.models) {
            if (std::ranges::find(targets, target) != targets.end())
                continue;
            targets.push_back(target);
            add(target, listedValues(rule, &target));
            if (newest(target) != nullptr)
                rows.back()["required"].push_back(rule.route.field);
        }
        if (models.empty())
            return;
        if (models.size() > 1)
            answers.push_back(mixedAnswerSchema(models));
        const OrderedJson row = {{"anyOf", std::move(rows)}};
        const OrderedJson body = {{"anyOf", OrderedJson::array({inputsSchema(row, m_api.rowLimit), row})}};
        m_paths[rule.path] = prediction(
            fmt::format("Predict by the model to which the field \"{}\" of each row leads.", rule.route.field), body,
            {{"anyOf", std::move(answers)}});
    }

    static OrderedJson readySchema() {
        return objectOf({{"name", {{"type", "string"}}}, {"ready", {{"type", "boolean"}}}});
    }

    void addCommon() {
        OrderedJson ready = objectOf({{"ready", {{"type", "boolean"}}}, {"draining", {{"type", "boolean"}}}});
        ready["properties"]["reason"] = {{"type", "string"}};
        const OrderedJson live = objectOf({{"live", {{"const", true}}}});
        for (const char* path : {"/healthz", "/v2/health/live"})
            m_paths[path] = get("Whether the server is alive.", live);
        for (const char* path : {"/readyz", "/v2/health/ready"})
            m_paths[path] = get("Whether it answers predictions.", ready, true);
        m_paths["/v2"] =
            get("The server, by the Open Inference Protocol.", objectOf({{"name", {{"type", "string"}}},
                                                                         {"version", {{"type", "string"}}},
                                                                         {"extensions", {{"type", "array"}}}}));
        m_paths["/openapi.json"] = get("This document.", {{"type", "object"}, {"required", {"openapi", "paths"}}});
        m_paths["/v1/feedback"] = post("The truth about predictions that were given.", refTo("schemas", "Feedback"),
                                       "202", feedbackAnswerSchema());
    }

    const ServedApi& m_api;
    OrderedJson m_paths = OrderedJson::object();
    OrderedJson m_schemas = OrderedJson::object();
};

} // namespace

std::string openApiDocument(const ServedApi& api) {
    return Document(api).make().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace perch::serving
