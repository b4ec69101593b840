#pragma once

#include "core/model/drift.h"

namespace perch::model {

/// One column by the test that Evidently 0.7 picks for it. Both columns have the same type.
DriftedColumn measureAsEvidently(const data::Column& reference, const data::Column& current);

} // namespace perch::model
