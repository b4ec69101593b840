#pragma once

#include "core/data/split.h"

namespace perch::data {

enum class Imputation { Off, MedianAndMode };

/// The row transform that `rows` of a table teach: which categories there are (others count as unseen) and, if
/// imputing, the median of numbers and the mode of booleans and categories. InvalidInput if a feature has no value in
/// these rows. `features` are positions of columns.
Result<RowTransform> learnTransform(const Table& table, const std::vector<std::size_t>& features, const Rows& rows,
                                    Imputation imputation);

} // namespace perch::data
