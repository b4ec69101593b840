#include "core/serving/openapi_schemas.h"

#include "core/serving/inference_protocol.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <numeric>

namespace perch::serving {

namespace {

constexpr double kLargestNumber = std::numeric_limits<float>::max(); // models read 32-bit floats

/// `Four fifths of the training rows ...`: the inner bins are cut at quantiles.
std::string rangeText(const data::FeatureBins& bins) {
    const std::size_t inner = bins.edges.size() < 2 ? 0 : bins.edges.size() - 1;
    if (inner == 0 || bins.counts.size() <= inner)
        return {};
    const auto total = static_cast<double>(std::accumulate(bins.counts.begin(), bins.counts.end(), std::uint64_t{0}));
    double within = 0;
    for (std::size_t i = 1; i <= inner; ++i)
        within += static_cast<double>(bins.counts[i]);
    return total == 0 ? std::string()
                      : fmt::format(" {:.0f} % of the training rows are above {} and at most {}.", 100 * within / total,
                                    bins.edges.front(), bins.edges.back());
}

OrderedJson valueSchema(data::FieldType type) {
    switch (type) {
    case data::FieldType::Boolean:
        return {{"enum", {true, false, 0, 1, nullptr}}};
    case data::FieldType::Category:
        return {{"type", {"string", "null"}}};
    case data::FieldType::Number:
        break;
    }
    return {{"type", {"number", "null"}}, {"minimum", -kLargestNumber}, {"maximum", kLargestNumber}};
}

/// The schema of a field, with what training saw.
OrderedJson fieldSchema(const ServedModel& model, std::size_t index) {
    const data::Field& field = model.package().transform.fields()[index];
    OrderedJson schema = valueSchema(field.type);
    std::string text = model.reader().mayBeAbsent(index) ? "May be left out; null is the same."
                                                         : "Needed; null if the value is missing.";
    if (field.type == data::FieldType::Category) {
        text += " Any other text than those of the training is taken as missing and noted.";
        schema["examples"] = field.categories;
    }
    for (const data::FeatureBins& bins : model.package().reference.features) {
        if (bins.feature == field.name && field.type == data::FieldType::Number)
            text += rangeText(bins);
    }
    schema["description"] = std::move(text);
    return schema;
}

OrderedJson predictionSchema(const ServedModel& model) {
    if (model.classes().empty())
        return objectOf({{"score", {{"type", "number"}, {"description", "The predicted number."}}}});
    return objectOf(
        {{"class", {{"enum", model.package().card.classes}}},
         {"score",
          {{"type", "number"},
           {"minimum", 0},
           {"maximum", 1},
           {"description", "Of two classes the probability of the positive one, else of the answer."}}},
         {"confidence",
          {{"type", "number"}, {"minimum", 0}, {"maximum", 1}, {"description", "Probability of the answer."}}}});
}

OrderedJson listOf(OrderedJson entry) {
    return {{"type", "array"}, {"items", std::move(entry)}};
}

OrderedJson withNotes(OrderedJson answer) {
    answer["properties"]["notes"] = listOf({{"type", "string"}});
    answer["properties"]["stale_features"] = {
        {"const", true}, {"description", "There if features came from a lookup table that is older than allowed."}};
    return answer;
}

OrderedJson keySchema() {
    return {{"type", {"string", "integer", "null"}},
            {"description", "The entity whose features are looked up where the request does not have them."}};
}

OrderedJson tensorSchema(const std::string& name, const std::vector<std::string>& datatypes, const OrderedJson& value,
                         std::size_t rowLimit) {
    return {
        {"type", "object"},
        {"properties",
         {{"name", {{"const", name}}},
          {"datatype", {{"enum", datatypes}}},
          {"shape",
           {{"type", "array"},
            {"prefixItems",
             OrderedJson::array({{{"type", "integer"}, {"minimum", 1}, {"maximum", rowLimit}}, {{"const", 1}}})},
            {"minItems", 1},
            {"maxItems", 2}}},
          {"data",
           listOf({{"anyOf", OrderedJson::array(
                                 {value, {{"type", "array"}, {"items", value}, {"minItems", 1}, {"maxItems", 1}}})}})},
          {"parameters", {{"type", "object"}, {"properties", {{"binary_data_size", false}}}}}}},
        {"required", {"name", "datatype", "shape", "data"}}};
}

/// That a list has a tensor for each of the names.
OrderedJson tensorsOf(const std::vector<std::string>& names) {
    OrderedJson all = OrderedJson::array();
    for (const std::string& name : names)
        all.push_back({{"contains", {{"properties", {{"name", {{"const", name}}}}}, {"required", {"name"}}}}});
    return all;
}

/// The fields that a request must have, and those that it must have if it names no entity.
struct NeededFields {
    std::vector<std::string> always, withoutKey;
};

NeededFields neededFields(const ServedModel& model) {
    const auto& fields = model.package().transform.fields();
    const FeatureLookup* lookup = model.reader().lookup();
    NeededFields needed;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!model.reader().mayBeAbsent(i))
            (lookup != nullptr && lookup->has(i) ? needed.withoutKey : needed.always).push_back(fields[i].name);
    }
    return needed;
}

/// The parameters that ask for outputs as bytes.
OrderedJson binaryParameters(const char* key) {
    return {{"type", "object"}, {"properties", {{key, {{"type", "boolean"}}}}}};
}

} // namespace

OrderedJson objectOf(OrderedJson properties) {
    OrderedJson required = OrderedJson::array();
    for (const auto& [name, schema] : properties.items())
        required.push_back(name);
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

OrderedJson requestIdSchema() {
    return {{"type", "string"},
            {"minLength", 1},
            {"maxLength", 128},
            {"pattern", R"(^[!#-\[\]-~]+$)"},
            {"description", "The name by which feedback finds the prediction; row i of a list has <id>/<i>."}};
}

OrderedJson versionSchema() {
    return {{"type", "string"}, {"pattern", "^v[1-9][0-9]*$"}};
}

OrderedJson errorSchema() {
    return objectOf(
        {{"error", objectOf({{"code",
                              {{"enum",
                                {"cancelled", "invalid_input", "not_found", "conflict", "unavailable", "timeout",
                                 "denied", "corrupt", "internal"}}}},
                             {"message", {{"type", "string"}}},
                             {"where", {{"type", "string"}, {"description", "The field, row or byte at fault."}}}})}});
}

OrderedJson rowSchema(const ServedModel& model) {
    const auto& fields = model.package().transform.fields();
    const FeatureLookup* lookup = model.reader().lookup();
    OrderedJson properties = OrderedJson::object();
    for (std::size_t i = 0; i < fields.size(); ++i)
        properties[fields[i].name] = fieldSchema(model, i);
    if (lookup != nullptr && !properties.contains(lookup->key()))
        properties[lookup->key()] = keySchema();
    const NeededFields needed = neededFields(model);
    OrderedJson schema = {{"type", "object"},
                          {"properties", std::move(properties)},
                          {"required", needed.always},
                          {"additionalProperties", false}};
    if (!needed.withoutKey.empty())
        schema["anyOf"] = {{{"required", {lookup->key()}}}, {{"required", needed.withoutKey}}};
    return schema;
}

OrderedJson rowSchema(const ServedModel& model, const std::string& beside, const OrderedJson& value) {
    OrderedJson schema = rowSchema(model);
    OrderedJson& property = schema["properties"][beside];
    property = property.is_null() ? value : OrderedJson{{"allOf", OrderedJson::array({property, value})}};
    return schema;
}

OrderedJson inputsSchema(const OrderedJson& row, std::size_t rowLimit) {
    const OrderedJson list = {{"type", "array"}, {"items", row}, {"minItems", 1}, {"maxItems", rowLimit}};
    OrderedJson schema =
        objectOf({{"inputs", {{"anyOf", OrderedJson::array({row, list})}}}, {"request_id", requestIdSchema()}});
    schema["required"] = {"inputs"};
    return schema;
}

OrderedJson answerSchema(const ServedModel& model) {
    return withNotes(objectOf({{"predictions", listOf(predictionSchema(model))},
                               {"model", {{"const", model.name().text()}}},
                               {"model_version", versionSchema()},
                               {"request_id", requestIdSchema()}}));
}

OrderedJson mixedAnswerSchema(std::span<const ServedModel* const> models) {
    OrderedJson predictions = OrderedJson::array();
    for (const ServedModel* model : models) {
        OrderedJson prediction = predictionSchema(*model);
        prediction["properties"]["model"] = {{"const", model->name().text()}};
        prediction["properties"]["model_version"] = versionSchema();
        prediction["required"].insert(prediction["required"].end(), {"model", "model_version"});
        predictions.push_back(std::move(prediction));
    }
    return withNotes(
        objectOf({{"predictions", listOf({{"anyOf", std::move(predictions)}})}, {"request_id", requestIdSchema()}}));
}

OrderedJson inferSchema(const ServedModel& model, std::size_t rowLimit) {
    const auto& fields = model.package().transform.fields();
    OrderedJson tensors = OrderedJson::array();
    for (const data::Field& field : fields)
        tensors.push_back(tensorSchema(field.name, acceptedDatatypes(field.type), valueSchema(field.type), rowLimit));
    const FeatureLookup* lookup = model.reader().lookup();
    if (lookup != nullptr && !model.package().transform.find(lookup->key()))
        tensors.push_back(tensorSchema(lookup->key(), keyDatatypes(), keySchema(), rowLimit));
    OrderedJson inputs = {{"type", "array"}, {"items", {{"anyOf", std::move(tensors)}}}, {"minItems", 1}};
    const NeededFields needed = neededFields(model);
    if (!needed.always.empty())
        inputs["allOf"] = tensorsOf(needed.always);
    if (!needed.withoutKey.empty())
        inputs["anyOf"] = {tensorsOf({lookup->key()})[0], {{"allOf", tensorsOf(needed.withoutKey)}}};
    OrderedJson names = {"score"};
    if (!model.classes().empty())
        names.push_back("class");
    const OrderedJson output = {
        {"type", "object"},
        {"properties", {{"name", {{"enum", std::move(names)}}}, {"parameters", binaryParameters("binary_data")}}},
        {"required", {"name"}}};
    OrderedJson id = {{"anyOf", OrderedJson::array({{{"const", ""}}, requestIdSchema()})}};
    return {{"type", "object"},
            {"properties",
             {{"id", std::move(id)},
              {"inputs", std::move(inputs)},
              {"outputs", listOf(output)},
              {"parameters", binaryParameters("binary_data_output")}}},
            {"required", {"inputs"}}};
}

OrderedJson inferAnswerSchema(const ServedModel& model) {
    const OrderedJson shape = {{"type", "array"}, {"items", {{"type", "integer"}}}, {"minItems", 1}, {"maxItems", 1}};
    const auto output = [&](const char* name, const char* datatype, OrderedJson value) {
        return objectOf({{"name", {{"const", name}}},
                         {"datatype", {{"const", datatype}}},
                         {"shape", shape},
                         {"data", listOf(std::move(value))}});
    };
    OrderedJson outputs = OrderedJson::array({output("score", "FP32", {{"type", "number"}})});
    if (!model.classes().empty())
        outputs.push_back(output("class", "BYTES", {{"enum", model.package().card.classes}}));
    OrderedJson answer = objectOf({{"model_name", {{"const", model.name().text()}}},
                                   {"model_version", versionSchema()},
                                   {"id", requestIdSchema()},
                                   {"outputs", listOf({{"anyOf", std::move(outputs)}})}});
    answer["properties"]["parameters"] = objectOf({{"stale_features", {{"const", true}}}});
    return answer;
}

OrderedJson inferMetadataSchema() {
    const OrderedJson tensors = listOf(objectOf({{"name", {{"type", "string"}}},
                                                 {"datatype", {{"enum", {"FP64", "FP32", "BOOL", "BYTES"}}}},
                                                 {"shape", listOf({{"type", "integer"}})}}));
    return objectOf({{"name", {{"type", "string"}}},
                     {"versions", listOf(versionSchema())},
                     {"platform", {{"const", "xgboost"}}},
                     {"inputs", tensors},
                     {"outputs", tensors}});
}

OrderedJson feedbackSchema() {
    OrderedJson entry = {
        {"type", "object"},
        {"properties",
         {{"model", {{"type", "string"}, {"pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}}},
          {"request_id", requestIdSchema()},
          {"truth",
           {{"type", {"string", "number", "boolean"}},
            {"description", "The class as a text, a number or a boolean; of a regression the number."}}}}},
        {"required", {"model", "request_id", "truth"}}};
    OrderedJson list = listOf(entry);
    return {{"anyOf", OrderedJson::array({std::move(entry), std::move(list)})}};
}

OrderedJson feedbackAnswerSchema() {
    const OrderedJson words = {{"enum", {"joined", "late", "duplicate", "unknown", "invalid", "waiting"}}};
    return {{"anyOf",
             OrderedJson::array({objectOf({{"outcome", words}}),
                                 objectOf({{"outcomes",
                                            {{"type", "object"},
                                             {"propertyNames", words},
                                             {"additionalProperties", {{"type", "integer"}, {"minimum", 1}}}}}})})}};
}

} // namespace perch::serving
