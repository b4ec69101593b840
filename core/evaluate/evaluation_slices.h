#pragma once

#include "core/data/table.h"
#include "core/evaluate/evaluation.h"

#include <span>

namespace perch::evaluate {

/// A column cut into groups: each category or boolean, quarters of a number, missing. Pure.
struct GroupedColumn {
    std::string name;
    std::vector<std::string> groups; ///< `= rent`, `<= 12`, `missing`: what follows the name
    std::vector<std::int32_t> ofRow; ///< group per row, -1: none (a category beyond the 20 most frequent)
};
GroupedColumn groupColumn(const data::Column& column, std::span<const std::uint32_t> rows);

/// Whether each row was decided rightly.
struct RightDecisions {
    std::span<const std::uint8_t> candidate;
    std::span<const std::uint8_t> baseline; ///< empty without one
};

/// The slices of single features where the candidate is significantly less accurate than elsewhere (two-proportion
/// z test, p adjusted by Holm over every slice looked at, below 0.05). Slices have at least max(50, 1 %) rows. Worst
/// first, at most 10.
std::vector<Slice> findSlices(std::span<const GroupedColumn> columns, const RightDecisions& right);

/// Rates per group; groups under 30 rows do not count for the gaps.
Fairness measureFairness(const GroupedColumn& groups, std::span<const float> scores,
                         std::span<const std::uint8_t> labels, double threshold);

/// Holm's step-down adjustment, in the order given.
std::vector<double> adjustByHolm(std::span<const double> p);

} // namespace perch::evaluate
