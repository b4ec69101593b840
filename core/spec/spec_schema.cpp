#include "core/spec/spec_schema.h"

#include "core/spec/spec_keys.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace perch::spec {

namespace {

using nlohmann::json;

json schemaOf(const SpecKey& key);

/// A whole number without `.0`.
json numberOf(double value) {
    constexpr double kExact = 1e15;
    return std::abs(value) < kExact && value == std::floor(value) ? json(static_cast<std::int64_t>(value))
                                                                  : json(value);
}

json withRange(json schema, const SpecKey& key) {
    if (std::isfinite(key.low))
        schema["minimum"] = numberOf(key.low);
    if (std::isfinite(key.high))
        schema["maximum"] = numberOf(key.high);
    return schema;
}

std::vector<std::string> split(std::string_view words) {
    std::vector<std::string> all;
    while (!words.empty()) {
        all.emplace_back(words.substr(0, words.find(' ')));
        words.remove_prefix(std::min(words.size(), all.back().size() + 1));
    }
    return all;
}

/// Every scalar is a text for this reader, and a number without quotes is one for others.
json textSchema() {
    return {{"type", {"string", "number", "boolean"}}};
}

json listOrOne(const json& entry) {
    return {{"anyOf", {entry, {{"type", "array"}, {"items", entry}, {"minItems", 1}}}}};
}

/// `+1` without quotes is a number for other readers, so numeric words are there as both.
json wordSchema(std::string_view words) {
    json all = json::array();
    for (const std::string& word : split(words)) {
        all.push_back(word);
        if (word == "1" || word == "-1")
            all.push_back(std::stoi(word));
    }
    return {{"enum", std::move(all)}};
}

bool isDirectlyBelow(std::string_view path, std::string_view section) {
    if (!section.empty()) {
        if (!path.starts_with(section) || path.substr(section.size(), 1) != ".")
            return false;
        path.remove_prefix(section.size() + 1);
    }
    return path.find_first_of(".[") == std::string_view::npos && path != "*";
}

json sectionSchema(std::string_view section) {
    json properties = json::object(), required = json::array();
    for (const SpecKey& key : specKeys()) {
        if (!isDirectlyBelow(key.path, section))
            continue;
        const std::string name(key.path.substr(section.empty() ? 0 : section.size() + 1));
        properties[name] = schemaOf(key);
        if (key.required)
            required.push_back(name);
    }
    json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty())
        schema["required"] = std::move(required);
    return schema;
}

json schemaAt(const std::string& path) {
    for (const SpecKey& key : specKeys()) {
        if (key.path == path)
            return schemaOf(key);
    }
    return json::object();
}

json valueSchema(const SpecKey& key) {
    switch (key.kind) {
    case KeyKind::Text:
        return textSchema();
    case KeyKind::Texts:
        return listOrOne(textSchema());
    case KeyKind::Word:
        return wordSchema(key.words);
    case KeyKind::Words:
        return listOrOne(wordSchema(key.words));
    case KeyKind::Number:
        return withRange({{"type", "number"}}, key);
    case KeyKind::Integer:
        return withRange({{"type", "integer"}}, key);
    case KeyKind::Boolean:
        return {{"type", "boolean"}};
    case KeyKind::Duration:
        return {{"type", "string"}, {"pattern", "^[0-9.eE+]+[smhd]$"}};
    case KeyKind::Window:
        return {{"type", "string"}, {"pattern", "^[0-9.eE+]+(s|m|h|d|w|mo|y)$"}};
    case KeyKind::Secret:
        return {{"type", "string"}, {"pattern", "^(env|file):.+$"}};
    case KeyKind::Numbers:
        return {{"type", "array"}, {"items", withRange({{"type", "number"}}, key)}, {"minItems", 1}};
    case KeyKind::Range:
        return {{"type", "array"}, {"items", withRange({{"type", "number"}}, key)}, {"minItems", 2}, {"maxItems", 2}};
    case KeyKind::Section:
        return sectionSchema(key.path);
    case KeyKind::Sections:
        return {{"type", "array"}, {"items", schemaAt(std::string(key.path) + "[]")}};
    case KeyKind::Named:
        return {{"type", "object"}, {"additionalProperties", schemaAt(std::string(key.path) + ".*")}};
    case KeyKind::NumberOrSection:
        return {{"anyOf", {withRange({{"type", "number"}}, key), sectionSchema(key.path)}}};
    }
    return json::object();
}

json schemaOf(const SpecKey& key) {
    json schema = valueSchema(key);
    if (key.kind == KeyKind::Section) {
        for (const std::string& one : split(key.words))
            schema["oneOf"].push_back({{"required", {one}}});
    }
    schema["description"] = key.description;
    if (!key.fallback.empty())
        schema["default"] = json::parse(key.fallback);
    return schema;
}

} // namespace

nlohmann::json modelSpecSchema() {
    json schema = sectionSchema("");
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "perch.yaml";
    schema["description"] = "One model: data, label, limits, training, acceptance, gates, rollout and serving.";
    return schema;
}

} // namespace perch::spec
