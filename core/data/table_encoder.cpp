#include "core/data/table_encoder.h"

#include "core/base/parallel.h"

#include <algorithm>

namespace perch::data {

namespace {

/// After so many rows at once a column in a file is let go of.
constexpr std::size_t kReleasedAfter = 4'096;
constexpr std::size_t kRowsAtOnce = 512;

} // namespace

Result<TableEncoder> TableEncoder::create(const Table& table, const RowTransform& transform) {
    TableEncoder encoder(transform);
    for (std::size_t i = 0; i < transform.width(); ++i) {
        const Field& field = transform.fields()[i];
        EncodedColumn encoded{.column = TRY(table.column(field.name))};
        if (encoded.column->type != field.type) {
            Error error =
                fail(ErrorCode::InvalidInput, "{}: the column \"{}\" holds {} values, but the model reads {} values.",
                     table.fingerprint.source, field.name, toString(encoded.column->type), toString(field.type));
            error.where = field.name;
            return error;
        }
        for (const std::string& category : encoded.column->categories) {
            CellNote note = CellNote::None;
            encoded.ofCode.push_back(transform.encodeCategory(i, category, &note));
            encoded.unseen.push_back(note == CellNote::UnseenCategory);
        }
        encoder.m_columns.push_back(std::move(encoded));
    }
    return encoder;
}

/// Few rows at a time, so that the cells of a row are still at hand when the next column is written.
void TableEncoder::encode(std::span<const std::uint32_t> rows, std::span<float> out) const {
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
        const auto part = rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin));
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            encodeColumn(i, part, out.data() + begin * width() + i, width());
    }
    releaseAfter(rows.size());
}

void TableEncoder::encodeColumns(std::span<const std::uint32_t> rows, std::span<float> out) const {
    inParallel(m_columns.size(), [&](std::size_t i) { encodeColumn(i, rows, out.data() + i * rows.size(), 1); });
    releaseAfter(rows.size());
}

void TableEncoder::releaseAfter(std::size_t rows) const {
    if (rows < kReleasedAfter)
        return;
    for (const EncodedColumn& encoded : m_columns)
        encoded.column->release();
}

/// `cell` is where the first row has this column, the next row has it `stride` floats further.
void TableEncoder::encodeColumn(std::size_t index, std::span<const std::uint32_t> rows, float* cell,
                                std::size_t stride) const {
    const EncodedColumn& encoded = m_columns[index];
    const float missing = m_transform->encodeMissing(index);
    if (encoded.column->type == FieldType::Category) {
        const std::int32_t* const codes = encoded.column->codes.data();
        for (const std::uint32_t row : rows) {
            const std::int32_t code = codes[row];
            *cell = code < 0 ? missing : encoded.ofCode[static_cast<std::size_t>(code)];
            cell += stride;
        }
        return;
    }
    const double* const numbers = encoded.column->numbers.data();
    for (const std::uint32_t row : rows) {
        *cell = toModelValue(numbers[row], missing);
        cell += stride;
    }
}

std::vector<float> TableEncoder::encode(std::span<const std::uint32_t> rows) const {
    std::vector<float> values(rows.size() * width());
    encode(rows, values);
    return values;
}

std::uint64_t TableEncoder::unseenCells() const {
    std::uint64_t cells = 0;
    for (const EncodedColumn& encoded : m_columns) {
        for (const std::int32_t code : encoded.column->codes)
            cells += code >= 0 && encoded.unseen[static_cast<std::size_t>(code)] ? 1 : 0;
    }
    return cells;
}

} // namespace perch::data
