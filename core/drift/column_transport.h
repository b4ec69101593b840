#pragma once

#include "core/data/table.h"

namespace perch::drift {

/// The current column as if its values were distributed like the reference's: numbers keep their rank (the monotone
/// map between both distributions), of the other values as few change as must (the maximal coupling), a missing value
/// being one more of them. Which of equal rows change is drawn with a fixed seed: equal input, equal output. Both
/// columns have one type and at least one row.
data::Column moveToReference(const data::Column& current, const data::Column& reference);

} // namespace perch::drift
