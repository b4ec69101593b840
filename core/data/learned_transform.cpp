#include "core/data/learned_transform.h"

#include <algorithm>
#include <cmath>

namespace perch::data {

namespace {

/// As NumPy does it: the mean of the two middle values if their number is even.
double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1)
        return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> presentNumbers(const Column& column, const Rows& rows) {
    std::vector<double> values;
    values.reserve(rows.size());
    for (const std::uint32_t row : rows) {
        if (!std::isnan(column.numbers[row]))
            values.push_back(column.numbers[row]);
    }
    return values;
}

std::vector<std::uint64_t> codeCounts(const Column& column, const Rows& rows) {
    std::vector<std::uint64_t> counts(column.categories.size());
    for (const std::uint32_t row : rows) {
        if (column.codes[row] >= 0)
            ++counts[static_cast<std::size_t>(column.codes[row])];
    }
    return counts;
}

/// False if no row has a value.
bool learnCategories(const Column& column, const Rows& rows, Imputation imputation, Field& field) {
    std::uint64_t most = 0;
    const std::vector<std::uint64_t> counts = codeCounts(column, rows);
    for (std::size_t code = 0; code < counts.size(); ++code) {
        if (counts[code] == 0)
            continue;
        if (imputation == Imputation::MedianAndMode && counts[code] > most)
            field.imputedCode = static_cast<std::uint32_t>(field.categories.size());
        most = std::max(most, counts[code]);
        field.categories.push_back(column.categories[code]);
    }
    return most > 0;
}

bool learnNumbers(const Column& column, const Rows& rows, Imputation imputation, Field& field) {
    if (imputation == Imputation::Off)
        return std::any_of(rows.begin(), rows.end(),
                           [&](std::uint32_t row) { return !std::isnan(column.numbers[row]); });
    std::vector<double> values = presentNumbers(column, rows);
    if (values.empty())
        return false;
    // The mode of booleans: what more than half are, `false` at a tie.
    const double middle = median(values);
    field.imputedNumber = column.type == FieldType::Boolean ? (middle > 0.5 ? 1 : 0) : middle;
    return true;
}

} // namespace

Result<RowTransform> learnTransform(const Table& table, const std::vector<std::size_t>& features, const Rows& rows,
                                    Imputation imputation) {
    std::vector<Field> fields;
    for (const std::size_t index : features) {
        const Column& column = table.columns[index];
        Field field{.name = column.name, .type = column.type};
        const bool learned = column.type == FieldType::Category ? learnCategories(column, rows, imputation, field)
                                                                : learnNumbers(column, rows, imputation, field);
        if (!learned) {
            Error error = fail(
                ErrorCode::InvalidInput, "{}: the column \"{}\" holds only missing values{}; leave it out.",
                table.fingerprint.source, column.name, column.missing == table.rows ? "" : " in the training rows");
            error.where = column.name;
            return error;
        }
        fields.push_back(std::move(field));
        column.release();
    }
    return RowTransform(std::move(fields));
}

} // namespace perch::data
