#include "core/data/read_table.h"

#include "core/base/parallel.h"
#include "core/data/column_builder.h"
#include "core/data/source/read_ahead.h"

#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cmath>
#include <limits>

namespace perch::data {

namespace {

/// So many cells of a table that lies in a file are in memory while it is read.
constexpr std::size_t kCellsHeld = std::size_t{1} << 20;

/// A column that is kept, and where it stands in the source.
struct KeptColumn {
    int position;
    ColumnBuilder builder;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

Result<void> checkColumnsThere(const BatchSource& source, const std::vector<std::string>& wanted) {
    for (const std::string& name : wanted) {
        if (contains(source.columns(), name))
            continue;
        Error error = fail(ErrorCode::InvalidInput, "{} has no column \"{}\"; the nearest is \"{}\".", source.name(),
                           name, nearNames(name, source.columns()).front());
        error.where = name;
        return error;
    }
    return {};
}

std::vector<KeptColumn> makeBuilders(const BatchSource& source, const ReadOptions& options) {
    const auto memory = std::make_shared<ColumnMemory>(options.folder, options.inMemory);
    std::vector<KeptColumn> kept;
    int position = -1;
    for (const std::string& name : source.columns()) {
        ++position;
        if (contains(options.ignored, name) || (!options.columns.empty() && !contains(options.columns, name)))
            continue;
        const auto declared = options.declared.find(name);
        const std::optional<FieldType> type =
            declared == options.declared.end() ? std::nullopt : std::optional(declared->second);
        kept.push_back({position, ColumnBuilder(name, type, options.maximumCategories, memory)});
        if (options.range == NumberRange::Any)
            kept.back().builder.allowAnyNumber();
    }
    return kept;
}

/// How many seconds one unit of a stored time is.
double secondsOf(const arrow::DataType& type) {
    if (type.id() == arrow::Type::DATE32)
        return 86'400;
    if (type.id() == arrow::Type::DATE64)
        return 1e-3;
    if (type.id() != arrow::Type::TIMESTAMP)
        return 1;
    switch (static_cast<const arrow::TimestampType&>(type).unit()) {
    case arrow::TimeUnit::SECOND:
        return 1;
    case arrow::TimeUnit::MILLI:
        return 1e-3;
    case arrow::TimeUnit::MICRO:
        return 1e-6;
    default:
        return 1e-9;
    }
}

/// Typed cells as doubles, NaN for missing ones.
Result<std::vector<double>> toDoubles(const std::shared_ptr<arrow::Array>& array, const std::string& name) {
    const auto wrong = [&](const arrow::Status&) {
        return fail(ErrorCode::InvalidInput, "The column \"{}\" holds {}, which is no number, truth, time or text", name,
                    array->type()->ToString());
    };
    std::shared_ptr<arrow::Array> numbers = array;
    const arrow::Type::type id = array->type_id();
    if (id == arrow::Type::DATE32) {
        auto days = array->View(arrow::int32());
        if (!days.ok())
            return wrong(days.status());
        numbers = *days;
    } else if (id == arrow::Type::TIMESTAMP || id == arrow::Type::DATE64) {
        auto ticks = array->View(arrow::int64());
        if (!ticks.ok())
            return wrong(ticks.status());
        numbers = *ticks;
    }
    if (numbers->type_id() != arrow::Type::DOUBLE) {
        // Whole numbers beyond 2^53 are rounded, as in any model.
        auto cast = arrow::compute::Cast(*numbers, arrow::float64(), arrow::compute::CastOptions::Unsafe());
        if (!cast.ok())
            return wrong(cast.status());
        numbers = *cast;
    }
    const auto& typed = static_cast<const arrow::DoubleArray&>(*numbers);
    const double scale = secondsOf(*array->type());
    std::vector<double> values(static_cast<std::size_t>(typed.length()));
    for (std::int64_t i = 0; i < typed.length(); ++i)
        values[static_cast<std::size_t>(i)] =
            typed.IsNull(i) ? std::numeric_limits<double>::quiet_NaN() : typed.Value(i) * scale;
    return values;
}

Result<void> appendColumn(const std::shared_ptr<arrow::Array>& array, ColumnBuilder& builder) {
    if (arrow::is_binary_like(array->type_id())) {
        const auto& cells = static_cast<const arrow::BinaryArray&>(*array);
        return builder.append(cells.raw_value_offsets(), reinterpret_cast<const char*>(cells.raw_data()),
                              static_cast<std::size_t>(cells.length()));
    }
    if (!arrow::is_integer(array->type_id()))
        builder.noteFractions();
    const FieldType stored = array->type_id() == arrow::Type::BOOL ? FieldType::Boolean : FieldType::Number;
    return builder.append(TRY(toDoubles(array, builder.name())), stored);
}

/// Appends to each column on its own; the error is that of the first column that has one.
Result<void> appendBatch(const SourceBatch& batch, std::vector<KeptColumn>& kept, ReadAhead& ahead, bool hasHeader) {
    std::vector<Result<void>> appended(kept.size());
    inParallel(kept.size(), [&](std::size_t i) {
        appended[i] = appendColumn(batch.rows->column(kept[i].position), kept[i].builder);
    });
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (appended[i])
            continue;
        Error error = std::move(appended[i].error());
        const std::string place = ahead.place(kept[i].builder.rows() + 1); // waits for the source
        error.message = fmt::format("{}: {}{}.", place, error.message, hasHeader ? " (the header is row 1)" : "");
        return error;
    }
    return {};
}

/// Reads all batches into the columns; returns the number of rows. While a batch is taken apart the next one is read.
Result<std::size_t> readBatches(BatchSource& source, std::vector<KeptColumn>& kept, const std::stop_token& stop) {
    std::size_t rows = 0, releasedAt = 0;
    ReadAhead ahead(source, stop);
    for (;;) {
        const std::optional<SourceBatch> batch = TRY(ahead.next());
        if (!batch)
            return rows;
        const bool first = rows == 0;
        rows += static_cast<std::size_t>(batch->rows->num_rows());
        if (const double share = ahead.share(); first && share > 0) {
            for (KeptColumn& column : kept)
                column.builder.reserve(static_cast<std::size_t>(static_cast<double>(rows) / share * 1.01));
        }
        TRY(appendBatch(*batch, kept, ahead, source.hasHeader()));
        if ((rows - releasedAt) * kept.size() >= kCellsHeld) {
            releasedAt = rows;
            for (const KeptColumn& column : kept)
                column.builder.release();
        }
    }
}

std::string schemaOf(const std::vector<Column>& columns) {
    std::string schema;
    for (const Column& column : columns)
        schema += fmt::format("{}:{}\n", column.name, toString(column.type));
    return schema;
}

/// What one pass over a source gives.
struct Pass {
    std::vector<KeptColumn> columns;
    std::size_t rows = 0;
    Digest content;
    std::string name;
};

Result<Pass> readOnce(BatchSource& source, const ReadOptions& options, const std::stop_token& stop) {
    TRY(checkColumnsThere(source, options.columns));
    TRY(checkColumnsThere(source, options.ignored));
    Pass pass{.columns = makeBuilders(source, options), .name = source.name()};
    Result<std::size_t> rows = readBatches(source, pass.columns, stop);
    if (options.counts != nullptr)
        *options.counts = source.counts();
    pass.rows = TRY(std::move(rows));
    if (pass.rows == 0)
        return fail(ErrorCode::InvalidInput, "{} has {}no rows.", pass.name, source.hasHeader() ? "a header but " : "");
    pass.content = source.content();
    return pass;
}

std::vector<std::string> textColumns(const Pass& pass) {
    std::vector<std::string> names;
    for (const KeptColumn& column : pass.columns) {
        if (column.builder.mustReread())
            names.push_back(column.builder.name());
    }
    return names;
}

/// The columns that turned out to be texts, read again as such.
Result<void> rereadTexts(const spec::SourceSpec& spec, SourceContext context, ReadOptions options, Pass& pass,
                         const std::stop_token& stop) {
    options.columns = context.columns = textColumns(pass);
    options.ignored = {};
    if (options.columns.empty())
        return {};
    for (const std::string& name : options.columns)
        options.declared[name] = FieldType::Category;
    const auto source = TRY(openSource(spec, context, stop));
    Pass again = TRY(readOnce(*source, options, stop));
    if (again.content != pass.content)
        return fail(ErrorCode::Conflict, "{} changed while it was read.", pass.name);
    for (KeptColumn& column : again.columns) {
        const auto place = std::ranges::find_if(pass.columns, [&](const KeptColumn& old) {
            return old.builder.name() == column.builder.name();
        });
        place->builder = std::move(column.builder);
    }
    return {};
}

Table toTable(Pass pass, const Clock& clock) {
    Table table{.rows = pass.rows};
    for (KeptColumn& column : pass.columns)
        table.columns.push_back(column.builder.finish());
    table.fingerprint = {.content = pass.content,
                         .schema = schemaOf(table.columns),
                         .rows = table.rows,
                         .source = pass.name,
                         .readAt = clock.now()};
    return table;
}

/// Runs `read`; exceptions end here, and Arrow's memory is given back: the table holds none of it.
template <typename Read>
Result<Table> guarded(const std::string& name, Read&& read) {
    try {
        Result<Table> table = read();
        arrow::default_memory_pool()->ReleaseUnused();
        return table;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Unavailable, "{} does not fit into memory.", name);
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "Reading {} failed: {}.", name, error.what());
    }
}

} // namespace

Result<Table> readTable(const spec::SourceSpec& source, const SourceContext& context, const ReadOptions& options,
                        std::stop_token stop) {
    return guarded(source.name, [&]() -> Result<Table> {
        auto opened = TRY(openSource(source, context, stop));
        Pass pass = TRY(readOnce(*opened, options, stop));
        opened.reset();
        TRY(rereadTexts(source, context, options, pass, stop));
        return toTable(std::move(pass), *context.clock);
    });
}

Result<Table> readTable(BatchSource& source, const Clock& clock, const ReadOptions& options, std::stop_token stop) {
    return guarded(source.name(), [&]() -> Result<Table> {
        Pass pass = TRY(readOnce(source, options, stop));
        if (const std::vector<std::string> texts = textColumns(pass); !texts.empty())
            return fail(ErrorCode::InvalidInput,
                        "{}: the column \"{}\" begins with numbers but holds texts too; declare its type.", pass.name,
                        texts.front());
        return toTable(std::move(pass), clock);
    });
}

} // namespace perch::data
