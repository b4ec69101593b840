#include "core/data/build/row_shaper.h"

#include "core/base/utf8.h"
#include "core/data/build/event_group.h"
#include "core/data/build/select_rows.h"
#include "core/data/build/text_cells.h"
#include "core/data/build/typed_cell.h"
#include "core/data/column_builder.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

namespace perch::data {

namespace {

using spec::ColumnType;
using Kind = ShapedColumn::Kind;

std::shared_ptr<arrow::DataType> arrowType(Kind kind) {
    switch (kind) {
    case Kind::Number: return arrow::float64();
    case Kind::Timestamp: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case Kind::Boolean: return arrow::boolean();
    case Kind::Text: return arrow::utf8();
    }
    return arrow::utf8();
}

Kind kindOf(ColumnType type) {
    switch (type) {
    case ColumnType::Number:
    case ColumnType::Money: return Kind::Number;
    case ColumnType::Timestamp: return Kind::Timestamp;
    case ColumnType::Boolean: return Kind::Boolean;
    case ColumnType::Category: return Kind::Text;
    }
    return Kind::Text;
}

/// The type of a column that nobody declared but that has one, as in Parquet; nothing for texts.
std::optional<ColumnType> ownType(const arrow::DataType& type) {
    if (arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id()))
        return ColumnType::Number;
    if (type.id() == arrow::Type::BOOL)
        return ColumnType::Boolean;
    if (type.id() == arrow::Type::TIMESTAMP || type.id() == arrow::Type::DATE32 || type.id() == arrow::Type::DATE64)
        return ColumnType::Timestamp;
    return std::nullopt;
}

bool isTrueOrFalse(std::string_view text) {
    const auto equals = [&](std::string_view word) {
        return text.size() == word.size() &&
               std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
    };
    return equals("true") || equals("false");
}

/// Narrows what an undeclared text column may be, as ColumnBuilder does.
void guess(ShapedColumn& column, std::string_view text) {
    const std::string_view bare = trimmedCell(text);
    if ((!column.mayBeNumber && !column.mayBeBoolean) || isMissingCell(bare))
        return;
    column.anyValue = true;
    column.mayBeBoolean = column.mayBeBoolean && isTrueOrFalse(bare);
    column.mayBeNumber = column.mayBeNumber && (bare == "NaN" || bare == "nan" || parseNumber(bare).has_value());
}

/// Appends cells of any kind to the Arrow column of that kind.
class ArrayMaker {
public:
    ArrayMaker(Kind kind, std::int64_t rows)
        : m_kind(kind), m_times(arrowType(Kind::Timestamp), arrow::default_memory_pool()), m_status(reserve(rows)) {}

    void value(const TypedCell& cell, std::string_view text) {
        switch (m_kind) {
        case Kind::Number: keep(m_numbers.Append(cell.number)); break;
        case Kind::Timestamp: keep(m_times.Append(cell.time)); break;
        case Kind::Boolean: keep(m_flags.Append(cell.number != 0)); break;
        case Kind::Text: keep(m_texts.Append(text)); break;
        }
    }
    void missing() { keep(builder().AppendNull()); }
    Result<std::shared_ptr<arrow::Array>> finish() {
        std::shared_ptr<arrow::Array> array;
        keep(builder().Finish(&array));
        if (!m_status.ok())
            return fail(ErrorCode::Unavailable, "A column does not fit into memory: {}.", m_status.message());
        return array;
    }

private:
    arrow::ArrayBuilder& builder() {
        switch (m_kind) {
        case Kind::Number: return m_numbers;
        case Kind::Timestamp: return m_times;
        case Kind::Boolean: return m_flags;
        case Kind::Text: return m_texts;
        }
        return m_texts;
    }
    arrow::Status reserve(std::int64_t rows) { return builder().Reserve(rows); }
    void keep(const arrow::Status& status) {
        if (m_status.ok() && !status.ok())
            m_status = status;
    }

    Kind m_kind;
    arrow::DoubleBuilder m_numbers;
    arrow::TimestampBuilder m_times;
    arrow::BooleanBuilder m_flags;
    arrow::StringBuilder m_texts;
    arrow::Status m_status;
};

Result<std::shared_ptr<arrow::RecordBatch>> batchOf(const std::vector<ShapedColumn>& columns,
                                                    const std::vector<Kind>& kinds,
                                                    std::vector<std::shared_ptr<arrow::Array>> arrays,
                                                    std::int64_t rows) {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (std::size_t i = 0; i < columns.size(); ++i)
        fields.push_back(arrow::field(columns[i].name, arrowType(kinds[i])));
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
}

} // namespace

Kind ShapedColumn::finalKind() const {
    if (kind != Kind::Text || declared || (!mayBeNumber && !mayBeBoolean))
        return kind;
    return mayBeNumber ? Kind::Number : Kind::Boolean; // without any value: a number, as in every table
}

std::string_view toString(Kind kind) {
    constexpr std::string_view kWords[] = {"number", "timestamp", "boolean", "category"};
    return kWords[static_cast<std::size_t>(kind)];
}

RowShaper::RowShaper(const spec::BuildSpec& build, std::string source, std::set<std::string> keys,
                     std::set<std::string> times, std::string label)
    : m_build(&build), m_source(std::move(source)), m_keys(std::move(keys)), m_times(std::move(times)),
      m_label(std::move(label)) {}

void RowShaper::learnColumns(const arrow::RecordBatch& batch) {
    for (const std::shared_ptr<arrow::Field>& field : batch.schema()->fields()) {
        ShapedColumn column{.name = field->name(), .declared = declaredType(*m_build, m_source, field->name())};
        const bool isKey = m_keys.contains(column.name);
        const bool staysText = isKey || (column.name == m_label && !column.declared);
        if (isKey)
            column.declared = std::nullopt;
        else if (m_times.contains(column.name))
            column.declared = ColumnType::Timestamp;
        else if (!column.declared && !staysText)
            column.declared = ownType(*field->type());
        if (column.declared)
            column.kind = kindOf(*column.declared);
        column.mayBeNumber = column.mayBeBoolean = !column.declared && !staysText;
        m_columns.push_back(std::move(column));
    }
}

Result<std::shared_ptr<arrow::RecordBatch>>
RowShaper::shape(const arrow::RecordBatch& batch, BadCellLog& bad,
                 const std::function<std::string(std::int64_t)>& place) {
    if (m_columns.empty())
        learnColumns(batch);
    const std::int64_t rows = batch.num_rows();
    std::vector<bool> kept; // empty: all
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        ShapedColumn& column = m_columns[i];
        const TextCells cells = TRY(TextCells::of(batch, static_cast<int>(i)));
        // Amounts that are numbers already need no reading of signs and separators.
        ColumnType type = column.declared.value_or(ColumnType::Category);
        if (type == ColumnType::Money && ownType(*batch.column(static_cast<int>(i))->type()))
            type = ColumnType::Number;
        ArrayMaker maker(column.kind, rows);
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::optional<std::string_view> text = cells.at(row);
            TypedCell cell = readCell(type, text);
            if (cell.fit == TypedCell::Fit::Value && type == ColumnType::Category && !isUtf8(*text))
                cell.fit = TypedCell::Fit::Bad;
            if (cell.fit == TypedCell::Fit::Value) {
                maker.value(cell, *text);
                guess(column, *text);
                continue;
            }
            maker.missing();
            if (cell.fit == TypedCell::Fit::Missing)
                continue;
            TRY(bad.add(m_source, column.name, expectedOf(type), *text, [&] { return place(row); }));
            if (bad.policy() == spec::BadCells::RejectRow) {
                kept.resize(static_cast<std::size_t>(rows), true);
                kept[static_cast<std::size_t>(row)] = false;
            }
        }
        arrays.push_back(TRY(maker.finish()));
        kinds.push_back(column.kind);
    }
    auto shaped = TRY(batchOf(m_columns, kinds, std::move(arrays), rows));
    if (kept.empty())
        return shaped;
    m_rejected += static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), false));
    return keepRows(shaped, kept);
}

Result<std::shared_ptr<arrow::RecordBatch>> toFinalKinds(const arrow::RecordBatch& batch,
                                                         const std::vector<ShapedColumn>& columns) {
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Kind kind = columns[i].finalKind();
        kinds.push_back(kind);
        if (kind == columns[i].kind) {
            arrays.push_back(batch.column(static_cast<int>(i)));
            continue;
        }
        const ColumnType type = kind == Kind::Number ? ColumnType::Number : ColumnType::Boolean;
        const TextCells cells = TRY(TextCells::of(batch, static_cast<int>(i)));
        ArrayMaker maker(kind, cells.size());
        for (std::int64_t row = 0; row < cells.size(); ++row) {
            const TypedCell cell = readCell(type, cells.at(row));
            cell.fit == TypedCell::Fit::Value ? maker.value(cell, "") : maker.missing();
        }
        arrays.push_back(TRY(maker.finish()));
    }
    return batchOf(columns, kinds, std::move(arrays), batch.num_rows());
}

} // namespace perch::data
