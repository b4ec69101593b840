#pragma once

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <regex>
#include <string>

namespace perch::test {

/// A YAML document as the JSON that an editor sees: plain scalars that read as numbers, booleans or null are those.
inline nlohmann::json jsonFromYaml(const YAML::Node& node) {
    nlohmann::json document;
    switch (node.Type()) {
    case YAML::NodeType::Map:
        document = nlohmann::json::object();
        for (const auto& entry : node)
            document[entry.first.Scalar()] = jsonFromYaml(entry.second);
        return document;
    case YAML::NodeType::Sequence:
        document = nlohmann::json::array();
        for (const YAML::Node& item : node)
            document.push_back(jsonFromYaml(item));
        return document;
    case YAML::NodeType::Scalar:
        if (node.Tag() == "?") {
            const auto parsed = nlohmann::json::parse(node.Scalar(), nullptr, false);
            if (parsed.is_number() || parsed.is_boolean())
                return parsed;
        }
        return node.Scalar();
    default:
        return nullptr;
    }
}

/// The part of JSON Schema that this project's schema uses; an unknown keyword is a problem, so that it never passes
/// what it does not understand. Empty if the document is valid, else where and why it is not.
class JsonSchemaCheck {
public:
    static std::string problem(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at = "$") {
        for (const auto& [keyword, rule] : schema.items()) {
            std::string found = one(schema, keyword, rule, value, at);
            if (!found.empty())
                return found;
        }
        return "";
    }

private:
    static bool isType(const std::string& type, const nlohmann::json& value) {
        return (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
               (type == "integer" && value.is_number_integer()) || (type == "boolean" && value.is_boolean()) ||
               (type == "array" && value.is_array()) || (type == "object" && value.is_object());
    }

    static bool matchesType(const nlohmann::json& types, const nlohmann::json& value) {
        if (types.is_string())
            return isType(types, value);
        return std::any_of(types.begin(), types.end(), [&](const nlohmann::json& type) { return isType(type, value); });
    }

    static std::string one(const nlohmann::json& schema, const std::string& keyword, const nlohmann::json& rule,
                           const nlohmann::json& value, const std::string& at) {
        const auto unless = [&](bool good) { return good ? "" : at + " breaks " + keyword + " " + rule.dump(); };
        if (keyword == "type")
            return unless(matchesType(rule, value));
        if (keyword == "enum")
            return unless(std::find(rule.begin(), rule.end(), value) != rule.end());
        if (keyword == "minimum")
            return unless(!value.is_number() || value.get<double>() >= rule.get<double>());
        if (keyword == "maximum")
            return unless(!value.is_number() || value.get<double>() <= rule.get<double>());
        if (keyword == "pattern")
            return unless(!value.is_string() || std::regex_search(value.get<std::string>(), std::regex(rule)));
        if (keyword == "minItems")
            return unless(!value.is_array() || value.size() >= rule.get<std::size_t>());
        if (keyword == "maxItems")
            return unless(!value.is_array() || value.size() <= rule.get<std::size_t>());
        if (keyword == "required")
            return unless(!value.is_object() || std::all_of(rule.begin(), rule.end(), [&](const nlohmann::json& key) {
                return value.contains(key.get<std::string>());
            }));
        if (keyword == "anyOf")
            return unless(std::any_of(rule.begin(), rule.end(),
                                      [&](const nlohmann::json& way) { return problem(way, value, at).empty(); }));
        if (keyword == "oneOf")
            return unless(std::count_if(rule.begin(), rule.end(), [&](const nlohmann::json& way) {
                              return problem(way, value, at).empty();
                          }) == 1);
        if (keyword == "items")
            return items(rule, value, at);
        if (keyword == "additionalProperties")
            return others(schema, rule, value, at);
        if (keyword == "properties")
            return members(rule, value, at);
        const bool isAnnotation =
            keyword == "description" || keyword == "default" || keyword == "title" || keyword == "$schema";
        return isAnnotation ? "" : "the keyword " + keyword + " is unknown to this check";
    }

    static std::string items(const nlohmann::json& rule, const nlohmann::json& value, const std::string& at) {
        for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
            std::string found = problem(rule, value[i], at + "[" + std::to_string(i) + "]");
            if (!found.empty())
                return found;
        }
        return "";
    }

    static std::string members(const nlohmann::json& properties, const nlohmann::json& value, const std::string& at) {
        for (const auto& [key, rule] : properties.items()) {
            if (!value.is_object() || !value.contains(key))
                continue;
            std::string found = problem(rule, value[key], at + "." + key);
            if (!found.empty())
                return found;
        }
        return "";
    }

    static std::string others(const nlohmann::json& schema, const nlohmann::json& rule, const nlohmann::json& value,
                              const std::string& at) {
        if (!value.is_object())
            return "";
        for (const auto& [key, member] : value.items()) {
            if (schema.contains("properties") && schema["properties"].contains(key))
                continue;
            std::string found =
                rule == false ? at + " has the unknown key " + key : problem(rule, member, at + "." + key);
            if (!found.empty())
                return found;
        }
        return "";
    }
};

} // namespace perch::test
