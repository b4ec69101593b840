#pragma once

#include "core/base/result.h"
#include "core/spec/build_spec.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch::data {

/// The cells of one column of one source that do not fit the column's type.
struct BadColumn {
    struct Place {
        std::string place; ///< `orders.csv row 17`
        std::string text;  ///< shortened
    };
    std::string source, column, expected;
    std::uint64_t count = 0;
    std::vector<Place> first; ///< at most kPlacesShown
};

inline constexpr std::size_t kPlacesShown = 5;

/// Counts bad cells by column and decides by the policy. Bounded: a count and the first places per column.
class BadCellLog {
public:
    explicit BadCellLog(spec::BadCells policy) : m_policy(policy) {}

    spec::BadCells policy() const { return m_policy; }
    /// Under BadCells::Stop an InvalidInput error that names the place; otherwise counted. `place` is only asked when
    /// it is shown.
    Result<void> add(const std::string& source, const std::string& column, std::string_view expected,
                     std::string_view text, const std::function<std::string()>& place);
    /// By source and column.
    std::vector<BadColumn> columns() const;

private:
    spec::BadCells m_policy;
    std::map<std::pair<std::string, std::string>, BadColumn> m_columns;
};

} // namespace perch::data
