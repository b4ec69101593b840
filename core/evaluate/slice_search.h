#pragma once

#include "core/evaluate/column_groups.h"
#include "core/evaluate/evaluation.h"

#include <optional>
#include <span>
#include <vector>

namespace perch::evaluate {

/// Holm's step-down adjustment, in the order given.
std::vector<double> adjustByHolm(std::span<const double> p);

/// What each row costs: 0 or 1 (right or wrong) where a class is answered, the absolute error where a number is.
struct RowErrors {
    std::span<const double> candidate;
    std::span<const double> baseline; ///< empty without one
};

/// Finds the slices of one feature and of two on which the candidate errs more than on all other rows, in one pass over
/// batches of rows. Memory does not grow with the rows.
///
/// A slice has at least max(50, 1 %) rows, and so have the others. Its p is that of a two-sided test of its mean error
/// against that of the other rows (shares: pooled z; numbers: Welch's z), adjusted by Holm over every slice that was
/// looked at, and below 0.05. A slice of two features is only listed if it is worse than both slices of one feature
/// beyond its own interval. Pairs are made of at most 12 features.
class SliceSearch {
public:
    /// `paired`: the features that pairs are made of, e.g. the most important ones; the first 12 count.
    SliceSearch(bool shares, std::vector<ColumnGroups> columns, std::span<const std::string> paired);

    const std::vector<ColumnGroups>& columns() const { return m_columns; }
    /// `groups[i]` are the groups of the rows in column i.
    void add(std::span<const std::vector<std::int32_t>> groups, const RowErrors& errors);
    /// Worst first, at most 10.
    std::vector<Slice> find() const;

private:
    struct Sums {
        std::uint64_t rows = 0;
        double error = 0, squared = 0, baseline = 0;
    };
    struct Pair {
        std::size_t a = 0, b = 0;
        std::vector<Sums> sums; ///< group of a times groups of b, plus group of b
    };
    struct Candidate;

    void consider(const std::string& name, const Sums& sums, std::vector<Candidate>& candidates) const;
    bool isWorse(const Slice& slice, const Sums& than) const;

    bool m_shares;
    bool m_compared = false;
    std::vector<ColumnGroups> m_columns;
    std::vector<std::vector<Sums>> m_singles; ///< per column and group
    std::vector<Pair> m_pairs;
    Sums m_all;
};

} // namespace perch::evaluate
