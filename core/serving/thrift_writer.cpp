#include "core/serving/thrift_writer.h"

namespace perch::serving {

namespace {

constexpr unsigned kInteger32 = 5, kInteger64 = 6, kBinary = 8, kList = 9, kStruct = 12;
constexpr int kLargestDistance = 15;
constexpr std::size_t kShortList = 15;

char byteOf(std::uint64_t value) {
    return static_cast<char>(static_cast<unsigned char>(value));
}

} // namespace

void ThriftWriter::appendVarint(std::string& bytes, std::uint64_t value) {
    constexpr std::uint64_t kMore = 0x80;
    while (value >= kMore) {
        bytes += byteOf((value & (kMore - 1)) | kMore);
        value >>= 7;
    }
    bytes += byteOf(value);
}

void ThriftWriter::zigzag(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    appendVarint(m_bytes, (bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ThriftWriter::header(int field, unsigned type) {
    const int distance = field - m_lastField.back();
    if (distance >= 1 && distance <= kLargestDistance) {
        m_bytes += byteOf((static_cast<unsigned>(distance) << 4) | type);
    } else {
        m_bytes += byteOf(type);
        zigzag(field);
    }
    m_lastField.back() = field;
}

void ThriftWriter::listHeader(int field, unsigned type, std::size_t count) {
    header(field, kList);
    if (count < kShortList) {
        m_bytes += byteOf((count << 4) | type);
    } else {
        m_bytes += byteOf(0xF0U | type);
        appendVarint(m_bytes, count);
    }
}

void ThriftWriter::bytes(std::string_view value) {
    appendVarint(m_bytes, value.size());
    m_bytes += value;
}

void ThriftWriter::integer32(int field, std::int32_t value) {
    header(field, kInteger32);
    zigzag(value);
}

void ThriftWriter::integer64(int field, std::int64_t value) {
    header(field, kInteger64);
    zigzag(value);
}

void ThriftWriter::text(int field, std::string_view value) {
    header(field, kBinary);
    bytes(value);
}

void ThriftWriter::integers32(int field, std::initializer_list<std::int32_t> values) {
    listHeader(field, kInteger32, values.size());
    for (const std::int32_t value : values)
        zigzag(value);
}

void ThriftWriter::texts(int field, std::initializer_list<std::string_view> values) {
    listHeader(field, kBinary, values.size());
    for (const std::string_view value : values)
        bytes(value);
}

void ThriftWriter::beginStruct(int field) {
    header(field, kStruct);
    beginElement();
}

void ThriftWriter::beginStructs(int field, std::size_t count) {
    listHeader(field, kStruct, count);
}

void ThriftWriter::endStruct() {
    m_bytes += '\0';
    m_lastField.pop_back();
}

std::string ThriftWriter::finish() {
    m_bytes += '\0';
    return std::move(m_bytes);
}

} // namespace perch::serving
