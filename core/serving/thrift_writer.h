#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// Writes a struct in Thrift's compact protocol, field by field in ascending order.
/// Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
class ThriftWriter {
public:
    void integer32(int field, std::int32_t value);
    void integer64(int field, std::int64_t value);
    void text(int field, std::string_view value);
    void integers32(int field, std::initializer_list<std::int32_t> values);
    void texts(int field, std::initializer_list<std::string_view> values);
    void beginStruct(int field);
    /// A list of structs: then `beginElement` and `endStruct` for each.
    void beginStructs(int field, std::size_t count);
    void beginElement() { m_lastField.push_back(0); }
    void endStruct();
    /// The bytes of the whole.
    std::string finish();

    static void appendVarint(std::string& bytes, std::uint64_t value);

private:
    void header(int field, unsigned type);
    void listHeader(int field, unsigned type, std::size_t count);
    void zigzag(std::int64_t value);
    void bytes(std::string_view value);

    std::string m_bytes;
    std::vector<int> m_lastField = {0}; ///< of each open struct: fields are written as the distance from the last
};

} // namespace perch::serving
