#pragma once

#include "core/data/split.h"

namespace perch::data {

/// Encodes rows of a table for a model, column by column, by the same row transform that serves one row. The table and
/// the transform must outlive it. Safe from several threads.
class TableEncoder {
public:
    /// InvalidInput if the table lacks a field of the transform or has it with another type.
    static Result<TableEncoder> create(const Table& table, const RowTransform& transform);

    std::size_t width() const { return m_columns.size(); }
    /// Writes `rows.size()` rows of `width()` floats, one row after another.
    void encode(std::span<const std::uint32_t> rows, std::span<float> out) const;
    std::vector<float> encode(std::span<const std::uint32_t> rows) const;
    /// The same floats, one column after another.
    void encodeColumns(std::span<const std::uint32_t> rows, std::span<float> out) const;
    /// Cells whose category the model has not seen, over the whole table.
    std::uint64_t unseenCells() const;

private:
    struct EncodedColumn {
        const Column* column = nullptr;
        std::vector<float> ofCode = {}; ///< Category: the model's float for each code of the table
        std::vector<bool> unseen = {};  ///< Category: not known to the model
    };

    void encodeColumn(std::size_t index, std::span<const std::uint32_t> rows, float* cell, std::size_t stride) const;
    void releaseAfter(std::size_t rows) const;

    explicit TableEncoder(const RowTransform& transform) : m_transform(&transform) {}
    const RowTransform* m_transform;
    std::vector<EncodedColumn> m_columns;
};

} // namespace perch::data
