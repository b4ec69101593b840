#pragma once

#include "core/data/table.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace perch::evaluate {

/// Which groups a column is cut into: each of its 20 most frequent categories, each value of a number with at most
/// five, else quarters of the number, and missing. Learned on some rows, then applied to others. Immutable.
class ColumnGroups {
public:
    static ColumnGroups learn(const data::Column& column, std::span<const std::uint32_t> rows);

    const std::string& column() const { return m_column; }
    /// What follows the column's name: `= rent`, `<= 12`, `missing`.
    const std::vector<std::string>& names() const { return m_names; }
    /// The group of each row; -1 for none (a rarer category, a value that was not there). `column` has the same type as
    /// the one that was learned.
    std::vector<std::int32_t> of(const data::Column& column, std::span<const std::uint32_t> rows) const;

private:
    void learnCategories(const data::Column& column, std::span<const std::uint32_t> rows);
    void learnNumbers(const data::Column& column, std::span<const std::uint32_t> rows);

    std::string m_column;
    data::FieldType m_type = data::FieldType::Number;
    std::vector<std::string> m_names;
    std::map<std::string, std::int32_t, std::less<>> m_categories;
    std::vector<double> m_values; ///< each is a group; empty: the edges count
    std::vector<double> m_edges;  ///< group i holds values up to edge i
};

/// Groups learned on the rows they are for.
struct GroupedColumn {
    std::string name;
    std::vector<std::string> groups;
    std::vector<std::int32_t> ofRow; ///< group per row, -1: none
};
GroupedColumn groupColumn(const data::Column& column, std::span<const std::uint32_t> rows);

} // namespace perch::evaluate
