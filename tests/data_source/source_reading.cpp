#include "tests/data_source/source_reading.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>

namespace perch::data {

namespace {

std::string textOf(const arrow::Array& array, std::int64_t row) {
    return array.IsNull(row) ? "-" : array.GetScalar(row).ValueOrDie()->ToString();
}

} // namespace

Result<SourceRows> readRows(const spec::SourceSpec& source, const SourceContext& context, std::stop_token stop) {
    const auto opened = TRY(openSource(source, context, stop));
    SourceRows all{.columns = opened->columns()};
    while (const auto batch = TRY(opened->next(stop))) {
        EXPECT_EQ(batch->firstRow, all.rows.size() + 1);
        for (std::int64_t row = 0; row < batch->rows->num_rows(); ++row) {
            std::string text;
            for (int i = 0; i < batch->rows->num_columns(); ++i)
                text += (i == 0 ? "" : "|") + textOf(*batch->rows->column(i), row);
            all.rows.push_back(std::move(text));
        }
    }
    for (std::size_t row = 1; row <= all.rows.size() && row <= 1'000; ++row)
        all.places.push_back(opened->place(row));
    all.content = opened->content();
    all.counts = opened->counts();
    return all;
}

spec::SourceSpec fileSource(const std::string& path, char delimiter, spec::FileSource::Format format) {
    return {.name = path, .from = spec::FileSource{.path = path, .format = format, .delimiter = delimiter}};
}

} // namespace perch::data
