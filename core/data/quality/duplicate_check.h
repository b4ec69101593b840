#pragma once

#include "core/data/quality/check_table.h"

namespace perch::data {

/// `duplicates`: the share of rows that equal an earlier one in every column, the label too. Exact. Without a limit it
/// warns above 5 %: such rows stand on both sides of a split and flatter the metrics.
QualityCheck checkDuplicates(const Table& table, const spec::QualitySpec& limits);

} // namespace perch::data
