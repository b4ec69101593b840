#pragma once

#include "core/data/quality/check_table.h"

namespace perch::data {

/// `time order`, of a split by time: the column is there, complete and not all one time, and a cut exists that leaves
/// about the test share on the newer side. Texts are taken to sort like times, as ISO 8601 does; numbers are seconds
/// since 1970 in UTC or any other ascending count. The value is the share of rows newer than the cut.
QualityCheck checkTimeOrder(const Table& table, const QualitySubject& subject);

} // namespace perch::data
