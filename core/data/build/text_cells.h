#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace arrow {
class Array;
class RecordBatch;
} // namespace arrow

namespace perch::data {

/// The cells of one column of a batch as texts, whatever the column's own type: numbers as they are written, times in
/// ISO 8601. Keeps the column alive. Safe to read from several threads.
class TextCells {
public:
    /// InvalidInput, naming the column, if its type has no text form (lists, structures).
    static Result<TextCells> of(const arrow::RecordBatch& batch, int column);

    std::int64_t size() const { return m_size; }
    /// Nothing if the cell is null, empty or `NA`.
    std::optional<std::string_view> at(std::int64_t row) const {
        if (m_validity != nullptr && ((m_validity[(row + m_bit) >> 3] >> ((row + m_bit) & 7)) & 1) == 0)
            return std::nullopt;
        const auto length = static_cast<std::size_t>(m_offsets[row + 1] - m_offsets[row]);
        const std::string_view text(m_bytes + m_offsets[row], length);
        if (length == 0 || (length == 2 && text == "NA"))
            return std::nullopt;
        return text;
    }

private:
    std::shared_ptr<arrow::Array> m_array;
    std::int64_t m_size = 0;
    const std::int32_t* m_offsets = nullptr;
    const char* m_bytes = nullptr;
    const std::uint8_t* m_validity = nullptr;
    std::int64_t m_bit = 0; ///< of row 0 in m_validity
};

/// Makes Arrow's conversions known; must be called before any other function of this room that touches a batch. Cheap.
Result<void> prepareArrow();

} // namespace perch::data
