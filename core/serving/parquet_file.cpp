#include "core/serving/parquet_file.h"

#include "core/serving/thrift_writer.h"

#include <bit>
#include <cstring>

namespace perch::serving {

static_assert(std::endian::native == std::endian::little, "Parquet's plain values are little-endian");

namespace {

// Numbers of the format: parquet.thrift.
constexpr std::int32_t kPlain = 0, kRunLength = 3;
constexpr std::int32_t kDataPage = 0;
constexpr std::int32_t kUncompressed = 0;
constexpr std::int32_t kOptional = 1;
constexpr std::int32_t kFormatVersion = 2;
constexpr std::int32_t kUtf8 = 0, kTimestampMillis = 9;
constexpr std::string_view kMagic = "PAR1";
constexpr std::string_view kSchemaName = "schema";

std::int32_t physicalType(ParquetColumn::Type type) {
    switch (type) {
    case ParquetColumn::Type::Boolean:
        return 0;
    case ParquetColumn::Type::Time:
        return 2;
    case ParquetColumn::Type::Float:
        return 4;
    case ParquetColumn::Type::Double:
        return 5;
    case ParquetColumn::Type::Text:
        break;
    }
    return 6;
}

void appendFixed(std::string& bytes, std::uint32_t value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// The bits of `flags`, the first one lowest.
std::string packedBits(const std::vector<bool>& flags) {
    std::string bytes((flags.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i])
            bytes[i / 8] = static_cast<char>(static_cast<unsigned char>(bytes[i / 8]) | (1U << (i % 8)));
    }
    return bytes;
}

/// Which values are there, as runs of equal levels: a run is its length times two and then the level.
std::string levels(const std::vector<bool>& present) {
    std::string runs;
    for (std::size_t begin = 0; begin < present.size();) {
        std::size_t end = begin + 1;
        while (end < present.size() && present[end] == present[begin])
            ++end;
        ThriftWriter::appendVarint(runs, (end - begin) << 1);
        runs += present[begin] ? '\1' : '\0';
        begin = end;
    }
    std::string bytes;
    appendFixed(bytes, static_cast<std::uint32_t>(runs.size()));
    return bytes + runs;
}

} // namespace

void ParquetColumn::addBytes(const void* bytes, std::size_t size) {
    m_present.push_back(true);
    m_bytes.append(static_cast<const char*>(bytes), size);
}

void ParquetColumn::addBoolean(bool value) {
    m_present.push_back(true);
    m_flags.push_back(value);
}

void ParquetColumn::addTime(std::int64_t millis) {
    addBytes(&millis, sizeof millis);
}

void ParquetColumn::addFloat(float value) {
    addBytes(&value, sizeof value);
}

void ParquetColumn::addDouble(double value) {
    addBytes(&value, sizeof value);
}

void ParquetColumn::addText(std::string_view value) {
    const auto size = static_cast<std::uint32_t>(value.size());
    addBytes(&size, sizeof size);
    m_bytes += value;
}

void ParquetColumn::clear() {
    m_present.clear();
    m_flags.clear();
    m_bytes.clear();
}

/// Puts a file together; knows where each page lies.
class ParquetEncoder {
public:
    explicit ParquetEncoder(std::span<const ParquetColumn> columns) : m_columns(columns) {}

    std::string encode() {
        m_file = kMagic;
        for (const ParquetColumn& column : m_columns)
            addPage(column);
        const std::string footer = metadata();
        m_file += footer;
        appendFixed(m_file, static_cast<std::uint32_t>(footer.size()));
        m_file += kMagic;
        return std::move(m_file);
    }

private:
    struct Page {
        std::size_t offset = 0, size = 0;
    };

    std::size_t rows() const { return m_columns.empty() ? 0 : m_columns.front().rows(); }

    void addPage(const ParquetColumn& column) {
        const std::string data =
            levels(column.m_present) +
            (column.m_type == ParquetColumn::Type::Boolean ? packedBits(column.m_flags) : column.m_bytes);
        ThriftWriter header;
        header.integer32(1, kDataPage);
        header.integer32(2, static_cast<std::int32_t>(data.size()));
        header.integer32(3, static_cast<std::int32_t>(data.size()));
        header.beginStruct(5);
        header.integer32(1, static_cast<std::int32_t>(column.rows()));
        header.integer32(2, kPlain);
        header.integer32(3, kRunLength);
        header.integer32(4, kRunLength);
        header.endStruct();
        const std::string bytes = header.finish();
        m_pages.push_back({m_file.size(), bytes.size() + data.size()});
        m_file += bytes;
        m_file += data;
    }

    std::string metadata() const {
        ThriftWriter writer;
        writer.integer32(1, kFormatVersion);
        writer.beginStructs(2, m_columns.size() + 1);
        writer.beginElement();
        writer.text(4, kSchemaName);
        writer.integer32(5, static_cast<std::int32_t>(m_columns.size()));
        writer.endStruct();
        for (const ParquetColumn& column : m_columns)
            addSchema(writer, column);
        writer.integer64(3, static_cast<std::int64_t>(rows()));
        writer.beginStructs(4, 1);
        addRowGroup(writer);
        writer.text(6, "perch-server");
        return writer.finish();
    }

    static void addSchema(ThriftWriter& writer, const ParquetColumn& column) {
        writer.beginElement();
        writer.integer32(1, physicalType(column.m_type));
        writer.integer32(3, kOptional);
        writer.text(4, column.m_name);
        if (column.m_type == ParquetColumn::Type::Text)
            writer.integer32(6, kUtf8);
        if (column.m_type == ParquetColumn::Type::Time)
            writer.integer32(6, kTimestampMillis);
        writer.endStruct();
    }

    void addRowGroup(ThriftWriter& writer) const {
        std::size_t total = 0;
        for (const Page& page : m_pages)
            total += page.size;
        writer.beginElement();
        writer.beginStructs(1, m_columns.size());
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            addChunk(writer, m_columns[i], m_pages[i]);
        writer.integer64(2, static_cast<std::int64_t>(total));
        writer.integer64(3, static_cast<std::int64_t>(rows()));
        writer.endStruct();
    }

    void addChunk(ThriftWriter& writer, const ParquetColumn& column, const Page& page) const {
        writer.beginElement();
        writer.integer64(2, static_cast<std::int64_t>(page.offset));
        writer.beginStruct(3);
        writer.integer32(1, physicalType(column.m_type));
        writer.integers32(2, {kPlain, kRunLength});
        writer.texts(3, {column.m_name});
        writer.integer32(4, kUncompressed);
        writer.integer64(5, static_cast<std::int64_t>(column.rows()));
        writer.integer64(6, static_cast<std::int64_t>(page.size));
        writer.integer64(7, static_cast<std::int64_t>(page.size));
        writer.integer64(9, static_cast<std::int64_t>(page.offset));
        writer.endStruct();
        writer.endStruct();
    }

    std::span<const ParquetColumn> m_columns;
    std::vector<Page> m_pages;
    std::string m_file;
};

std::string parquetFile(std::span<const ParquetColumn> columns) {
    return ParquetEncoder(columns).encode();
}

} // namespace perch::serving
