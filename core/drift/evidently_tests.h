#pragma once

#include "core/drift/drift.h"

namespace perch::drift {

/// One column by the test that Evidently 0.7 picks for it. Both columns have the same type.
DriftedColumn measureAsEvidently(const data::Column& reference, const data::Column& current);

} // namespace perch::drift
