#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace perch::spec {

/// One mapping of a YAML document, read key by key. Every error is InvalidInput, begins with `file:line:column: ` and
/// has that place in `where`. A key that is absent leaves its target as it is. yaml-cpp stays out of this header, and so
/// out of the rooms that read YAML by it.
class YamlSection {
public:
    /// The top of a document. Refuses anything but a mapping, unknown keys (with the nearest known one) and keys given
    /// twice.
    static Result<YamlSection> parse(std::string_view yaml, const std::string& file,
                                     std::span<const std::string_view> knownKeys);
    /// The top of a document of another program, and all below it: any key may be there (the key lists of `section` and
    /// `sections` do not count), and a value that is null or an empty text is absent.
    static Result<YamlSection> parseForeign(std::string_view yaml, const std::string& file);

    bool has(std::string_view key) const;
    bool isSection(std::string_view key) const;
    /// A mapping below this one, checked like the top. Ask `has` first.
    Result<YamlSection> section(std::string_view key, std::span<const std::string_view> knownKeys = {}) const;
    /// A mapping below this one whose keys are names the person chose, such as columns. Ask `has` first.
    Result<YamlSection> namedSection(std::string_view key) const;
    /// The keys of this mapping in the order of the file.
    std::vector<std::string> keys() const;
    /// A list of mappings, each checked like the top; empty if the key is absent.
    Result<std::vector<YamlSection>> sections(std::string_view key,
                                              std::span<const std::string_view> knownKeys = {}) const;

    Result<void> readText(std::string_view key, std::string& out) const;
    /// A list of texts, or one text; not empty.
    Result<void> readTexts(std::string_view key, std::vector<std::string>& out) const;
    /// One of `words`; `out` is its position.
    Result<void> readWord(std::string_view key, std::size_t& out, std::span<const std::string_view> words) const;
    /// Within [low, high].
    Result<void> readNumber(std::string_view key, double& out, double low, double high) const;
    Result<void> readInteger(std::string_view key, std::uint64_t& out, std::uint64_t low, std::uint64_t high) const;
    Result<void> readInteger(std::string_view key, std::uint32_t& out, std::uint32_t low, std::uint32_t high) const;
    Result<void> readBoolean(std::string_view key, bool& out) const;
    /// A number with a unit: `90s`, `15m`, `1h`, `2d`. Longer than nothing.
    Result<void> readDuration(std::string_view key, Seconds& out) const;
    /// A list of numbers within [low, high].
    Result<void> readNumbers(std::string_view key, std::vector<double>& out, double low, double high) const;

    /// An error at the value of `key`: its name, then `problem` (`must be ...`).
    Error errorAt(std::string_view key, std::string_view problem) const;
    Error errorHere(std::string_view sentence) const;

private:
    enum class Keys { Known, Any, Foreign };
    YamlSection(const YAML::Node& node, std::string path, std::string file, Keys keys);
    static Result<YamlSection> load(std::string_view yaml, const std::string& file,
                                    std::span<const std::string_view> knownKeys, Keys keys);
    static Result<YamlSection> open(const YAML::Node& node, std::string path, std::string file,
                                    std::span<const std::string_view> knownKeys, Keys keys);
    Keys below(Keys keys) const { return m_keys == Keys::Foreign ? m_keys : keys; }
    YAML::Node child(std::string_view key) const;
    std::string fullName(std::string_view key) const;
    Error errorIn(const YAML::Node& node, std::string_view sentence) const;
    Result<std::string> plainScalar(std::string_view key, std::string_view expected) const;
    Result<double> toNumber(const YAML::Node& node, std::string_view name, double low, double high) const;

    std::shared_ptr<const YAML::Node> m_node;
    std::string m_path; ///< the dotted place for people, empty at the top
    std::string m_file;
    Keys m_keys;
};

} // namespace perch::spec
