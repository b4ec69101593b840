#include "core/base/ids.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>
#include <random>

namespace perch {

namespace {

bool isLowerAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

Result<ModelName> ModelName::parse(std::string_view text) {
    const bool valid = !text.empty() && text.size() <= 63 && isLowerAlphanumeric(text.front()) &&
                       isLowerAlphanumeric(text.back()) &&
                       std::ranges::all_of(text, [](char c) { return isLowerAlphanumeric(c) || c == '-'; });
    if (!valid) {
        return fail(ErrorCode::InvalidInput,
            "The model name \"{}\" is not a DNS label: use lower-case letters, digits and '-', at most 63.",
            shownText(text));
    }
    ModelName name;
    name.m_text = text;
    return name;
}

std::string Version::text() const {
    return fmt::format("v{}", number);
}

Result<Version> Version::parse(std::string_view text) {
    std::string_view digits = text.starts_with('v') ? text.substr(1) : text;
    Version version;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), version.number);
    if (status != std::errc() || end != digits.data() + digits.size() || version.number == 0)
        return fail(ErrorCode::InvalidInput, "\"{}\" is not a version: write it as v7.", shownText(text));
    return version;
}

Result<Digest> Digest::parse(std::string_view hex) {
    const bool valid = hex.size() == 64 && std::ranges::all_of(hex, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    if (!valid)
        return fail(ErrorCode::InvalidInput, "\"{}\" is not a SHA-256 digest (64 lower-case hexadecimal digits).",
                    shownText(hex));
    Digest digest;
    digest.m_hex = hex;
    return digest;
}

std::string makeRandomId() {
    thread_local std::random_device device;
    std::string id;
    for (int i = 0; i < 4; ++i)
        id += fmt::format("{:08x}", device());
    return id;
}

} // namespace perch
