#pragma once

#include "core/data/row/reference_profile.h"
#include "core/model/predict/check_sample.h"

namespace perch::model {

/// Rows that look like the training data but are nobody's: each profiled feature is drawn from its bins on its own,
/// within a bin evenly; other features are drawn from their categories or are missing. Without scores.
CheckSample drawCheckSample(const data::RowTransform& transform, const data::ReferenceProfile& profile,
                            std::size_t rows, std::uint64_t seed);

} // namespace perch::model
