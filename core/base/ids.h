#pragma once

#include "core/base/result.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace perch {

/// The name of a model: a DNS label (lower-case letters, digits, '-', at most 63, starts and ends alphanumeric).
class ModelName {
public:
    ModelName() = default;
    static Result<ModelName> parse(std::string_view text);
    const std::string& text() const { return m_text; }
    auto operator<=>(const ModelName&) const = default;

private:
    std::string m_text;
};

/// A version number of a model, written `v7`. Numbers come from the registry and start at 1; 0 means "none yet".
struct Version {
    std::uint32_t number = 0;

    /// Accepts `v7` and `7`.
    static Result<Version> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const Version&) const = default;
};

/// A SHA-256 digest as 64 lower-case hexadecimal digits.
class Digest {
public:
    Digest() = default;
    static Result<Digest> parse(std::string_view hex);
    const std::string& hex() const { return m_hex; }
    std::string shortHex() const { return m_hex.substr(0, 12); } ///< For screens.
    bool empty() const { return m_hex.empty(); }
    auto operator<=>(const Digest&) const = default;

private:
    std::string m_hex;
};

/// A random identifier of 128 bits as 32 hexadecimal digits, for requests, plans and rollouts.
std::string makeRandomId();

} // namespace perch

template <>
struct std::hash<perch::ModelName> {
    std::size_t operator()(const perch::ModelName& name) const { return std::hash<std::string>()(name.text()); }
};
