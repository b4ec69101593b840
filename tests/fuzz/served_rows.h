#pragma once

#include "core/serving/prediction.h"

namespace perch::fuzz {

/// A model server's reader for `smallPackage`.
const serving::RowReader& rowReader();
constexpr std::size_t kRowLimit = 20;

/// What every request that was read promises: whole rows, not too many, each cell in a bin of the profile.
void requireWholeRows(const Result<serving::PredictionRequest>& request);

} // namespace perch::fuzz
