#pragma once

#include "core/data/row/reference_profile.h"
#include "core/data/split.h"

#include <span>

namespace perch::data {

/// The reference profile of the training rows: bins, counts and importances of the at most 20 most important features.
/// `gains` has one number per field of the transform; if all are 0 the first fields count alike.
/// Number edges are deciles, of all rows or, beyond 100,000, of every n-th; the counts are always of all rows.
ReferenceProfile buildProfile(const Table& table, const RowTransform& transform, const Rows& rows,
                              std::span<const double> gains);

inline constexpr std::size_t kProfiledFeatures = 20;
inline constexpr std::size_t kQuantileBins = 10;
inline constexpr std::size_t kNamedCategories = 20;

} // namespace perch::data
