#include "core/serving/binary_tensors.h"

#include "core/base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace perch::serving {

/// A datatype whose values have all the same size. Values are not aligned: they are copied out.
struct BinaryKind {
    std::string_view datatype;
    std::size_t size;
    data::Cell (*cell)(const char* at);
    std::string (*text)(const char* at);
};

namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they are in memory");

template <typename T>
T copied(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <typename T>
data::Cell numberCell(const char* at) {
    const auto number = static_cast<double>(copied<T>(at));
    return std::isnan(number) ? data::Cell() : data::Cell(number);
}

template <typename T>
std::string numberText(const char* at) {
    return fmt::format("{}", copied<T>(at));
}

data::Cell flagCell(const char* at) {
    return {*at != 0};
}

template <typename T>
constexpr BinaryKind binaryKind(std::string_view datatype) {
    return {datatype, sizeof(T), numberCell<T>, numberText<T>};
}

constexpr BinaryKind kFixedKinds[] = {binaryKind<double>("FP64"),
                                      binaryKind<float>("FP32"),
                                      binaryKind<std::int64_t>("INT64"),
                                      binaryKind<std::int32_t>("INT32"),
                                      binaryKind<std::int16_t>("INT16"),
                                      binaryKind<std::int8_t>("INT8"),
                                      binaryKind<std::uint64_t>("UINT64"),
                                      binaryKind<std::uint32_t>("UINT32"),
                                      binaryKind<std::uint16_t>("UINT16"),
                                      binaryKind<std::uint8_t>("UINT8"),
                                      {"BOOL", 1, flagCell, numberText<std::int8_t>}};

} // namespace

Result<BinaryBody> BinaryBody::split(std::string_view body, std::string_view jsonLength) {
    BinaryBody split;
    split.m_json = body;
    if (jsonLength.empty())
        return split;
    std::size_t length = 0;
    const auto [end, code] = std::from_chars(jsonLength.data(), jsonLength.data() + jsonLength.size(), length);
    if (code != std::errc() || end != jsonLength.data() + jsonLength.size() || length == 0 || length > body.size())
        return invalidInput(kJsonLengthHeader,
                            fmt::format("The header {} must be 1 to the length of the body ({}), not \"{}\".",
                                        kJsonLengthHeader, body.size(), shownText(jsonLength)));
    split.m_json = body.substr(0, length);
    split.m_rest = body.substr(length);
    split.m_binary = true;
    return split;
}

Result<std::string_view> BinaryBody::take(std::string_view tensor, std::uint64_t bytes) {
    if (!m_binary)
        return invalidInput(tensor,
                            fmt::format("The tensor \"{}\" has a binary_data_size, but the request has no header {}.",
                                        tensor, kJsonLengthHeader));
    if (bytes > m_rest.size())
        return invalidInput(tensor, fmt::format("The tensor \"{}\" has {} bytes, but the body has only {} left for it.",
                                                tensor, bytes, m_rest.size()));
    const std::string_view taken = m_rest.substr(0, bytes);
    m_rest.remove_prefix(bytes);
    return taken;
}

Result<void> BinaryBody::checkAllTaken() const {
    if (m_rest.empty())
        return {};
    return invalidInput("inputs", fmt::format("The body has {} bytes behind its last tensor.", m_rest.size()));
}

Result<BinaryTensor> BinaryTensor::parse(std::string_view name, std::string_view datatype, std::size_t rows,
                                         std::string_view bytes) {
    BinaryTensor tensor;
    tensor.m_bytes = bytes;
    const auto* kind = std::ranges::find(kFixedKinds, datatype, &BinaryKind::datatype);
    if (kind == std::end(kFixedKinds)) {
        TRY(tensor.readTexts(name, rows));
        return tensor;
    }
    tensor.m_kind = kind;
    if (bytes.size() / kind->size != rows || bytes.size() % kind->size != 0)
        return invalidInput(name, fmt::format("The tensor \"{}\" has {} bytes; {} values of {} have {} each.", name,
                                              bytes.size(), rows, datatype, kind->size));
    if (kind->cell != flagCell)
        return tensor;
    const auto wrong = std::ranges::find_if(bytes, [](char byte) { return byte != 0 && byte != 1; });
    if (wrong != bytes.end())
        return invalidInput(name, fmt::format("The tensor \"{}\" has the byte {} in row {}; a BOOL is 0 or 1.", name,
                                              static_cast<unsigned char>(*wrong), wrong - bytes.begin()));
    return tensor;
}

Result<void> BinaryTensor::readTexts(std::string_view name, std::size_t rows) {
    std::string_view rest = m_bytes;
    m_texts.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        std::uint32_t length = 0;
        const bool hasLength = rest.size() >= sizeof length;
        if (hasLength) {
            std::memcpy(&length, rest.data(), sizeof length);
            rest.remove_prefix(sizeof length);
        }
        if (!hasLength || length > rest.size())
            return invalidInput(name, fmt::format("The tensor \"{}\" ends within its row {}.", name, row));
        m_texts.push_back(rest.substr(0, length));
        rest.remove_prefix(length);
        if (!isUtf8(m_texts.back()))
            return invalidInput(name,
                                fmt::format("The tensor \"{}\" has bytes in row {} that are not UTF-8.", name, row));
    }
    if (!rest.empty())
        return invalidInput(name,
                            fmt::format("The tensor \"{}\" has {} bytes behind its last row.", name, rest.size()));
    return {};
}

data::Cell BinaryTensor::cell(std::size_t row) const {
    if (m_kind == nullptr)
        return {std::string(m_texts[row])};
    return m_kind->cell(m_bytes.data() + row * m_kind->size);
}

std::string BinaryTensor::text(std::size_t row) const {
    if (m_kind == nullptr)
        return std::string(m_texts[row]);
    return m_kind->text(m_bytes.data() + row * m_kind->size);
}

void appendBinary(std::string& bytes, float value) {
    char copy[sizeof value];
    std::memcpy(copy, &value, sizeof value);
    bytes.append(copy, sizeof copy);
}

void appendBinary(std::string& bytes, std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    char copy[sizeof length];
    std::memcpy(copy, &length, sizeof length);
    bytes.append(copy, sizeof copy).append(text);
}

} // namespace perch::serving
