#include "core/kube/protobuf_reader.h"

namespace perch::kube {

namespace {

/// How a field is written: the low three bits of its tag.
enum class WireType : std::uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

Error notProtobuf() {
    return fail(ErrorCode::InvalidInput, "The API server's answer is no message of Protocol Buffers.");
}

} // namespace

Result<std::uint64_t> ProtobufReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(m_rest.front());
        m_rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    return notProtobuf();
}

Result<bool> ProtobufReader::next() {
    if (m_rest.empty())
        return false;
    const std::uint64_t tag = TRY(varint());
    m_field = static_cast<std::uint32_t>(tag >> 3);
    m_bytes = {};
    m_number = 0;
    std::uint64_t size = 0;
    switch (static_cast<WireType>(tag & 7)) {
    case WireType::Varint:
        m_number = static_cast<std::int64_t>(TRY(varint()));
        return true;
    case WireType::Bytes:
        size = TRY(varint());
        break;
    case WireType::Fixed64:
        size = 8;
        break;
    case WireType::Fixed32:
        size = 4;
        break;
    default:
        return notProtobuf();
    }
    if (size > m_rest.size())
        return notProtobuf();
    m_bytes = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return true;
}

} // namespace perch::kube
