#include "core/data/build/bad_cells.h"

#include "core/base/utf8.h"

namespace perch::data {

Result<void> BadCellLog::add(const std::string& source, const std::string& column, std::string_view expected,
                             std::string_view text, const std::function<std::string()>& place) {
    if (m_policy == spec::BadCells::Stop) {
        Error error = fail(ErrorCode::InvalidInput,
                           "{}: the column \"{}\" holds \"{}\" where {} is expected; bad_cells in perch.yaml says what "
                           "becomes of such cells.",
                           place(), column, shownText(text), expected);
        error.where = column;
        return error;
    }
    BadColumn& bad = m_columns[{source, column}];
    if (bad.count++ == 0) {
        bad.source = source;
        bad.column = column;
        bad.expected = expected;
    }
    if (bad.first.size() < kPlacesShown)
        bad.first.push_back({place(), shownText(text)});
    return {};
}

std::vector<BadColumn> BadCellLog::columns() const {
    std::vector<BadColumn> columns;
    for (const auto& [name, column] : m_columns)
        columns.push_back(column);
    return columns;
}

} // namespace perch::data
