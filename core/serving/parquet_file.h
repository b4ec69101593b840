#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// One column of a Parquet file under construction. Values are kept as the file will hold them: plain, the missing ones
/// left out. Every value is optional in the file.
class ParquetColumn {
public:
    enum class Type { Boolean, Time, Float, Double, Text };

    ParquetColumn(std::string name, Type type) : m_name(std::move(name)), m_type(type) {}

    /// One row each; the one that fits the type.
    void addMissing() { m_present.push_back(false); }
    void addBoolean(bool value);
    void addTime(std::int64_t millis); ///< since 1970 UTC
    void addFloat(float value);
    void addDouble(double value);
    void addText(std::string_view value);

    const std::string& name() const { return m_name; }
    Type type() const { return m_type; }
    std::size_t rows() const { return m_present.size(); }
    std::size_t bytes() const { return m_bytes.size() + m_present.size() / 8; }
    void clear();

private:
    friend class ParquetEncoder;
    void addBytes(const void* bytes, std::size_t size);

    std::string m_name;
    Type m_type;
    std::vector<bool> m_present;
    std::vector<bool> m_flags; ///< Boolean
    std::string m_bytes;       ///< all other types
};

/// The bytes of a Parquet file (format version 2.6) of one row group with one plain, uncompressed page for each column.
/// It is written by own code, because Arrow alone takes more memory than the whole model server. All columns must have
/// the same number of rows.
/// Source: https://parquet.apache.org/docs/file-format/, Thrift's compact protocol for the metadata.
std::string parquetFile(std::span<const ParquetColumn> columns);

} // namespace perch::serving
