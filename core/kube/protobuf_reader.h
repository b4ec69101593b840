#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string_view>

namespace perch::kube {

/// Goes through the fields of one message in the wire format of Protocol Buffers. The bytes are foreign and must
/// outlive it; nothing is read beyond them.
class ProtobufReader {
public:
    explicit ProtobufReader(std::string_view bytes) : m_rest(bytes) {}

    /// Goes to the next field; false at the end. InvalidInput where the bytes are no message.
    Result<bool> next();
    std::uint32_t field() const { return m_field; }    ///< its number in the schema
    std::string_view bytes() const { return m_bytes; } ///< of a text or a message; empty for a number
    std::int64_t number() const { return m_number; }   ///< 0 for a text or a message

private:
    Result<std::uint64_t> varint();

    std::string_view m_rest, m_bytes;
    std::uint32_t m_field = 0;
    std::int64_t m_number = 0;
};

} // namespace perch::kube
