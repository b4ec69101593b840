#include "core/spec/model_spec.h"
#include "core/spec/spec_keys.h"
#include "core/spec/spec_schema.h"
#include "tests/spec/json_schema_check.h"
#include "tests/support/test_support.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace perch::spec {
namespace {

using test::JsonSchemaCheck;
using test::valueOf;

std::vector<std::string> words(std::string_view text) {
    std::istringstream stream{std::string(text)};
    return {std::istream_iterator<std::string>(stream), {}};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string numberText(const SpecKey& key, double value) {
    return key.kind == KeyKind::Integer ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

/// Values that the parser must take, as YAML.
std::vector<std::string> goodValues(const SpecKey& key) {
    static const std::map<std::string_view, std::string> kSpecial = {
        {"features.columns[].where", "x is missing"},
        {"serving.path", "/x"},
        {"serving.route.models", "{condo: b}"},
        {"sources.*.delimiter", "\";\""},
        {"sources.*.path", "x.csv"},
        {"sources.*.rest", "\"http://127.0.0.1:1/x\""},
        {"sources.*.endpoint", "\"http://127.0.0.1:1\""},
        {"sources.*.records", "/x"},
        {"sources.*.fields.*", "/x"},
    };
    if (const auto special = kSpecial.find(key.path); special != kSpecial.end())
        return {special->second};
    std::vector<std::string> values;
    switch (key.kind) {
    case KeyKind::Text:
        return {"x"};
    case KeyKind::Texts:
        return {"x", "[x, y]"};
    case KeyKind::Word:
    case KeyKind::Words:
        return words(key.words);
    case KeyKind::Number:
    case KeyKind::Integer:
    case KeyKind::NumberOrSection:
        values = {numberText(key, key.low)};
        if (std::isfinite(key.high))
            values.push_back(numberText(key, key.high));
        return values;
    case KeyKind::Boolean:
        return {"true", "false"};
    case KeyKind::Duration:
        return {"90s", "15m", "1h", "2d"};
    case KeyKind::Window:
        return {"3mo", "1y", "2w", "90d"};
    case KeyKind::Secret:
        return {"env:NAME", "file:/run/secrets/x"};
    case KeyKind::Numbers:
        return {fmt::format("[{}]", key.high)};
    case KeyKind::Range:
        return {fmt::format("[{}, {}]", key.low, key.high), "[0, 0]"};
    default:
        return {};
    }
}

/// Values that neither the parser nor the schema may take.
std::vector<std::string> badValues(const SpecKey& key) {
    switch (key.kind) {
    case KeyKind::Number:
    case KeyKind::Integer:
    case KeyKind::NumberOrSection: {
        std::vector<std::string> values = {"many", "\"1\"", numberText(key, key.low == 0.001 ? 0 : key.low - 1)};
        if (std::isfinite(key.high) && key.high < 1e30)
            values.push_back(numberText(key, key.high * 2 + 1));
        return values;
    }
    case KeyKind::Texts:
        return {"[]", "{a: b}"};
    case KeyKind::Word:
    case KeyKind::Words:
        return {"qqqq", "[[x]]"};
    case KeyKind::Boolean:
        return {"maybe", "1"};
    case KeyKind::Duration:
    case KeyKind::Window:
        return {"5", "5q", "[1h]"};
    case KeyKind::Secret:
        return {"swordfish", "[a]"};
    case KeyKind::Numbers:
        return {"[]", "5", "[many]"};
    case KeyKind::Range:
        return {"[1]", "[1, 2, 3]", "5"};
    case KeyKind::Text:
        return {"[x]", "{a: b}"};
    default:
        return {"5", "word"};
    }
}

/// The path without its last key, empty for a key of the top; `[]` and `.*` belong to the path that they are behind.
std::string sectionOf(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? "" : std::string(path.substr(0, dot));
}

/// Which keys make a source of each kind: the others of that kind are known beside them only.
constexpr const char* kSourceKinds[] = {"path: \"s3://x/y.csv\"", "postgres: dbname=x",
                                        "rest: \"http://127.0.0.1:1/x\""};

bool isOneOf(const std::string& word, std::string_view all) {
    const std::vector<std::string> list = words(all);
    return std::ranges::find(list, word) != list.end();
}

/// A document in which the section `path` is `body`, with what the sections around it need.
std::string documentWith(const std::string& path, const std::string& body) {
    if (path.empty())
        return body;
    const std::string section = sectionOf(path);
    std::string name = path.substr(section.empty() ? 0 : section.size() + 1), value = body;
    if (name == "*")
        return documentWith(section, "{a: " + value + "}");
    if (name.ends_with("[]")) {
        name.resize(name.size() - 2);
        value = "[" + value + "]";
    }
    std::string beside;
    for (const SpecKey& key : specKeys()) {
        if (key.required && sectionOf(key.path) == section && key.path != path)
            beside += fmt::format(", {}: {}", key.path.substr(section.empty() ? 0 : section.size() + 1),
                                  goodValues(key).front());
    }
    if (section == "sources.*" && !isOneOf(name, "path postgres rest"))
        beside +=
            fmt::format(", {}", kSourceKinds[isOneOf(name, "password query")                                   ? 1
                                             : isOneOf(name, "preset token token_header records fields pages") ? 2
                                                                                                               : 0]);
    return documentWith(section, fmt::format("{{{}: {}{}}}", name, value, beside));
}

std::set<std::string> keysBelow(const std::string& section) {
    std::set<std::string> keys;
    for (const SpecKey& key : specKeys()) {
        if (sectionOf(key.path) == section && !key.path.ends_with("*") && !key.path.ends_with("]"))
            keys.insert(std::string(key.path.substr(section.empty() ? 0 : section.size() + 1)));
    }
    return keys;
}

/// What the parser itself says that it knows in a section, when it is given a key that nothing is near.
std::set<std::string> keysOfParser(const std::string& section, const std::string& beside) {
    const std::string stranger(60, 'q');
    const std::string yaml = documentWith(section, fmt::format("{{{}: 1{}}}", stranger, beside));
    const auto result = parseModelSpec(yaml, "p.yaml");
    const std::string message = result ? "" : result.error().message;
    const std::string marker = "known keys are ";
    const std::size_t at = message.find(marker);
    if (at == std::string::npos) {
        ADD_FAILURE() << yaml << "\n" << message;
        return {};
    }
    const std::vector<std::string> keys = words(replaced(message.substr(at + marker.size()), ",", " "));
    std::set<std::string> known;
    for (const std::string& key : keys)
        known.insert(replaced(key, ".", ""));
    return known;
}

TEST(SpecSchema, KnowsExactlyTheKeysOfTheParser) {
    std::set<std::string> sections = {""};
    for (const SpecKey& key : specKeys()) {
        if (key.kind == KeyKind::Section || key.kind == KeyKind::NumberOrSection)
            sections.insert(std::string(key.path));
    }
    EXPECT_GE(sections.size(), 14U);
    for (const std::string& section : sections) {
        if (section == "sources.*")
            continue;
        EXPECT_EQ(keysOfParser(section, section.empty() ? ", model: m" : ""), keysBelow(section)) << section;
    }
    std::set<std::string> ofSources;
    for (const char* kind : kSourceKinds)
        ofSources.merge(keysOfParser("sources.*", fmt::format(", {}", kind)));
    EXPECT_EQ(ofSources, keysBelow("sources.*"));
}

TEST(SpecSchema, SaysWhatTheParserSays) {
    const nlohmann::json schema = modelSpecSchema();
    for (const SpecKey& key : specKeys()) {
        if (key.path == "model")
            continue; // it is beside every other key
        const std::string path(key.path);
        const std::string name = replaced(replaced(path, "[]", "[1]"), "*", "a");
        for (const std::string& value : goodValues(key)) {
            const std::string yaml = documentWith(path, value);
            const auto result = parseModelSpec(yaml, "p.yaml");
            EXPECT_THAT(result ? "" : result.error().message, testing::Not(testing::HasSubstr(name + " must be ")))
                << yaml;
            EXPECT_EQ(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(yaml))), "") << yaml;
        }
        for (const std::string& value : badValues(key)) {
            const std::string yaml = documentWith(path, value);
            const auto result = parseModelSpec(yaml, "p.yaml");
            EXPECT_THAT(result, test::failsWith(ErrorCode::InvalidInput, testing::HasSubstr(name))) << yaml;
            EXPECT_NE(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(yaml))), "") << yaml;
        }
    }
}

TEST(SpecSchema, DescribesEveryKeyAndTakesEveryDefault) {
    const nlohmann::json schema = modelSpecSchema();
    std::set<std::string_view> seen;
    for (const SpecKey& key : specKeys()) {
        EXPECT_TRUE(seen.insert(key.path).second) << key.path << " is there twice";
        EXPECT_TRUE(key.description.ends_with('.')) << key.path;
        const std::string section = sectionOf(key.path);
        EXPECT_TRUE(section.empty() || seen.contains(section) || key.path.ends_with("[]"))
            << key.path << " before its section";
        if (key.fallback.empty())
            continue;
        const std::string yaml = documentWith(std::string(key.path), std::string(key.fallback));
        EXPECT_EQ(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(yaml))), "") << yaml;
    }
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(schema["required"], nlohmann::json::array({"model"}));
}

TEST(SpecSchema, TheFilesOfThisProjectAreValid) {
    const nlohmann::json schema = modelSpecSchema();
    std::size_t files = 0;
    for (const char* folder : {"resources", "tests"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(test::sourceFolder() / folder)) {
            const std::string name = entry.path().filename().string();
            if (!name.ends_with("perch.yaml"))
                continue;
            ++files;
            const std::string text = valueOf(readFile(entry.path()));
            EXPECT_TRUE(test::succeeded(parseModelSpec(text, entry.path().string())));
            EXPECT_EQ(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(text))), "") << entry.path();
        }
    }
    EXPECT_GE(files, 1U);
}

TEST(SpecSchema, RefusesWhatIsWrong) {
    const nlohmann::json schema = modelSpecSchema();
    for (const char* bad : {"{label: x}", "{model: m, lable: x}", "{model: [a]}", "{model: m, training: {round: 1}}",
                            "{model: m, training: {rounds: 1.5}}", "{model: m, quality: {ranges: {a: [1]}}}",
                            "{model: m, threshold: {false_negative_cost: 1}}", "{model: m, threshold: 2}", "[]"})
        EXPECT_NE(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(bad))), "") << bad;
    for (const char* good : {"{model: m}", "{model: m, positive: 1}", "{model: m, positive: yes}",
                             "{model: m, threshold: {false_negative_cost: 1, false_positive_cost: 2}}"})
        EXPECT_EQ(JsonSchemaCheck::problem(schema, test::jsonFromYaml(YAML::Load(good))), "") << good;
}

} // namespace
} // namespace perch::spec
