#include "core/spec/yaml_section.h"

#include "core/base/edit_distance.h"
#include "core/base/utf8.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace perch::spec {

namespace {

std::string nearestOf(std::string_view key, std::span<const std::string_view> known) {
    // The first letter is rarely the wrong one: lable is label, not table.
    const auto nearest = std::ranges::min_element(known, {}, [&](std::string_view name) {
        return std::pair(editDistance(key, name), !name.starts_with(key.substr(0, 1)));
    });
    const bool near = editDistance(key, *nearest) <= std::max<std::size_t>(2, nearest->size() / 3);
    if (near)
        return fmt::format("did you mean '{}'?", *nearest);
    return fmt::format("known keys are {}.", fmt::join(known, ", "));
}

std::string shown(double value) {
    return fmt::format("{:g}", value);
}

/// Plain scalars carry the tag `?`, quoted ones `!`: "5" in quotes is a text.
bool isQuoted(const YAML::Node& node) {
    return node.Tag() == "!";
}

/// What the file holds may be anything: no control characters, not endless.
std::string presentable(std::string_view sentence) {
    constexpr std::size_t kLongest = 1'000;
    std::size_t length = std::min(sentence.size(), kLongest);
    while (length < sentence.size() && length > 0 && (static_cast<unsigned char>(sentence[length]) & 0xC0) == 0x80)
        --length;
    std::string text(sentence.substr(0, length));
    for (char& c : text)
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    return isUtf8(text) ? text : "a text here is not UTF-8.";
}

Error yamlError(const std::string& file, const YAML::Mark& mark, std::string_view sentence) {
    const std::string place = fmt::format("{}:{}:{}", file, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1);
    return Error{ErrorCode::InvalidInput, fmt::format("{}: {}", place, presentable(sentence)), place};
}

} // namespace

YamlSection::YamlSection(const YAML::Node& node, std::string path, std::string file, Keys keys)
    : m_node(std::make_shared<const YAML::Node>(node)), m_path(std::move(path)), m_file(std::move(file)), m_keys(keys) {}

Result<YamlSection> YamlSection::parse(std::string_view yaml, const std::string& file,
                                       std::span<const std::string_view> knownKeys) {
    return load(yaml, file, knownKeys, Keys::Known);
}

Result<YamlSection> YamlSection::parseForeign(std::string_view yaml, const std::string& file) {
    return load(yaml, file, {}, Keys::Foreign);
}

Result<YamlSection> YamlSection::load(std::string_view yaml, const std::string& file,
                                      std::span<const std::string_view> knownKeys, Keys keys) {
    for (std::size_t at = 0, line = 1; at < yaml.size(); ++line) {
        const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
        if (!isUtf8(yaml.substr(at, end - at))) {
            const std::string place = fmt::format("{}:{}:1", file, line);
            return Error{ErrorCode::InvalidInput, fmt::format("{}: this line is not UTF-8.", place), place};
        }
        at = end + 1;
    }
    try {
        return open(YAML::Load(std::string(yaml)), "", file, knownKeys, keys);
    } catch (const YAML::Exception& problem) {
        return yamlError(file, problem.mark, fmt::format("this is not YAML: {}.", problem.msg));
    }
}

Result<YamlSection> YamlSection::open(const YAML::Node& node, std::string path, std::string file,
                                      std::span<const std::string_view> knownKeys, Keys kind) {
    const bool anyKey = kind != Keys::Known;
    const YamlSection section(node, std::move(path), std::move(file), kind);
    const std::string place = section.m_path.empty() ? "the file" : section.m_path;
    if (!node.IsMap()) {
        const std::string keys = anyKey ? "" : fmt::format(" with the keys {}", fmt::join(knownKeys, ", "));
        return section.errorHere(fmt::format("{} must be a mapping{}.", place, keys));
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
        if (!entry.first.IsScalar())
            return section.errorIn(entry.first, fmt::format("a key in {} must be a word.", place));
        const std::string key = entry.first.Scalar();
        if (!anyKey && std::ranges::find(knownKeys, key) == knownKeys.end())
            return section.errorIn(entry.first,
                                   fmt::format("unknown key '{}' in {}; {}", key, place, nearestOf(key, knownKeys)));
        if (!seen.insert(key).second)
            return section.errorIn(entry.first, fmt::format("the key '{}' is given twice.", section.fullName(key)));
    }
    return section;
}

bool YamlSection::has(std::string_view key) const {
    const YAML::Node value = child(key);
    if (!value)
        return false;
    const bool nothing = value.IsNull() || (value.IsScalar() && value.Scalar().empty());
    return m_keys != Keys::Foreign || !nothing;
}

bool YamlSection::isSection(std::string_view key) const {
    return child(key).IsMap();
}

YAML::Node YamlSection::child(std::string_view key) const {
    return (*m_node)[std::string(key)];
}

Result<YamlSection> YamlSection::section(std::string_view key, std::span<const std::string_view> knownKeys) const {
    return open(child(key), fullName(key), m_file, knownKeys, below(Keys::Known));
}

Result<YamlSection> YamlSection::namedSection(std::string_view key) const {
    return open(child(key), fullName(key), m_file, {}, below(Keys::Any));
}

std::vector<std::string> YamlSection::keys() const {
    std::vector<std::string> keys;
    for (const auto& entry : *m_node)
        keys.push_back(entry.first.Scalar());
    return keys;
}

Result<std::vector<YamlSection>> YamlSection::sections(std::string_view key,
                                                       std::span<const std::string_view> knownKeys) const {
    std::vector<YamlSection> sections;
    if (!has(key))
        return sections;
    const YAML::Node list = child(key);
    if (!list.IsSequence())
        return errorAt(key, "must be a list.");
    for (const YAML::Node& item : list) {
        const std::string path = fmt::format("{}[{}]", fullName(key), sections.size() + 1);
        sections.push_back(TRY(open(item, path, m_file, knownKeys, below(Keys::Known))));
    }
    return sections;
}

std::string YamlSection::fullName(std::string_view key) const {
    return m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key);
}

Error YamlSection::errorIn(const YAML::Node& node, std::string_view sentence) const {
    return yamlError(m_file, node.Mark(), sentence);
}

Error YamlSection::errorHere(std::string_view sentence) const {
    return errorIn(*m_node, sentence);
}

Error YamlSection::errorAt(std::string_view key, std::string_view problem) const {
    const std::string sentence = fmt::format("{} {}", fullName(key), problem);
    for (const auto& entry : *m_node) {
        // An empty value has no place of its own: the parser reports the next line.
        if (entry.first.Scalar() == key && entry.second.IsNull())
            return errorIn(entry.first, sentence);
    }
    const YAML::Node value = child(key);
    return errorIn(value ? value : *m_node, sentence);
}

Result<std::string> YamlSection::plainScalar(std::string_view key, std::string_view expected) const {
    const YAML::Node node = child(key);
    if (!node.IsScalar() || isQuoted(node))
        return errorAt(key, fmt::format("must be {}.", expected));
    return node.Scalar();
}

Result<void> YamlSection::readText(std::string_view key, std::string& out) const {
    if (!has(key))
        return {};
    const YAML::Node node = child(key);
    if (!node.IsScalar() || node.Scalar().empty())
        return errorAt(key, "must be a text.");
    out = node.Scalar();
    return {};
}

Result<void> YamlSection::readTexts(std::string_view key, std::vector<std::string>& out) const {
    if (!has(key))
        return {};
    const YAML::Node node = child(key);
    std::vector<std::string> texts;
    if (node.IsScalar())
        texts.push_back(node.Scalar());
    else if (node.IsSequence()) {
        for (const YAML::Node& item : node)
            texts.push_back(item.IsScalar() ? item.Scalar() : "");
    }
    if (texts.empty() || std::ranges::find(texts, "") != texts.end())
        return errorAt(key, "must be a text or a list of texts.");
    out = std::move(texts);
    return {};
}

Result<void> YamlSection::readWord(std::string_view key, std::size_t& out,
                                   std::span<const std::string_view> words) const {
    if (!has(key))
        return {};
    const YAML::Node node = child(key);
    const auto found = node.IsScalar() ? std::ranges::find(words, node.Scalar()) : words.end();
    if (found == words.end())
        return errorAt(key, fmt::format("must be one of {}.", fmt::join(words, ", ")));
    out = static_cast<std::size_t>(found - words.begin());
    return {};
}

Result<double> YamlSection::toNumber(const YAML::Node& node, std::string_view name, double low, double high) const {
    const std::string expected = std::isinf(high)
                                     ? fmt::format("{} must be a number of at least {}.", name, shown(low))
                                     : fmt::format("{} must be a number from {} to {}.", name, shown(low), shown(high));
    if (!node.IsScalar() || isQuoted(node))
        return errorIn(node, expected);
    const std::string& text = node.Scalar();
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high))
        return errorIn(node, expected);
    return value;
}

Result<void> YamlSection::readNumber(std::string_view key, double& out, double low, double high) const {
    if (has(key))
        out = TRY(toNumber(child(key), fullName(key), low, high));
    return {};
}

Result<void> YamlSection::readInteger(std::string_view key, std::uint64_t& out, std::uint64_t low,
                                      std::uint64_t high) const {
    if (!has(key))
        return {};
    const std::string expected = fmt::format("a whole number from {} to {}", low, high);
    const std::string text = TRY(plainScalar(key, expected));
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value < low || value > high)
        return errorAt(key, fmt::format("must be {}.", expected));
    out = value;
    return {};
}

Result<void> YamlSection::readInteger(std::string_view key, std::uint32_t& out, std::uint32_t low,
                                      std::uint32_t high) const {
    std::uint64_t value = out;
    TRY(readInteger(key, value, std::uint64_t{low}, std::uint64_t{high}));
    out = static_cast<std::uint32_t>(value);
    return {};
}

Result<void> YamlSection::readBoolean(std::string_view key, bool& out) const {
    if (!has(key))
        return {};
    const std::string text = TRY(plainScalar(key, "true or false"));
    if (text != "true" && text != "false")
        return errorAt(key, "must be true or false.");
    out = text == "true";
    return {};
}

Result<void> YamlSection::readDuration(std::string_view key, Seconds& out) const {
    if (!has(key))
        return {};
    constexpr std::string_view kProblem = "must be a time with its unit, such as 90s, 15m, 1h or 2d.";
    const YAML::Node node = child(key);
    if (!node.IsScalar())
        return errorAt(key, kProblem);
    const std::string& text = node.Scalar();
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : 0;
    if (problem != std::errc{} || seconds == 0 || !(value > 0) || !(value * seconds <= 366 * 86'400.0))
        return errorAt(key, kProblem);
    out = Seconds(value * seconds);
    return {};
}

Result<void> YamlSection::readNumbers(std::string_view key, std::vector<double>& out, double low, double high) const {
    if (!has(key))
        return {};
    const YAML::Node list = child(key);
    if (!list.IsSequence() || list.size() == 0)
        return errorAt(key, "must be a list of numbers.");
    std::vector<double> values;
    for (const YAML::Node& item : list)
        values.push_back(TRY(toNumber(item, "each of " + fullName(key), low, high)));
    out = std::move(values);
    return {};
}

} // namespace perch::spec
