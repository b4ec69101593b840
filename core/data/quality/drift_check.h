#pragma once

#include "core/data/quality/check_table.h"

namespace perch::data {

/// `drift`: the PSI of each feature of the previous training's profile, worst first, over that profile's bins and
/// corrected for chance (see core/stats/psi.h). Without a limit it warns above 0.25, the usual bound of a major shift.
/// Undecided below 1,000 rows on either side, for a column that is gone or has another type, and without features.
/// Tables of more than 200,000 rows are measured on every n-th.
QualityCheck checkDrift(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject);

} // namespace perch::data
