#pragma once

#include "core/data/split.h"

#include <string>

namespace perch::data {

/// Cuts a share of `rows` (rounded up) at random. The same on every machine.
Split randomSplit(const Rows& rows, double share, std::uint64_t seed);

/// What a column says about the place of each row of the table: equal keys stay together, and larger ones are later.
/// Numbers and booleans by value, texts by their bytes, which orders ISO 8601 times. InvalidInput that names file and
/// column: no such column, missing values.
Result<std::vector<double>> splitKeys(const Table& table, const std::string& column);

/// Cuts whole groups of equal keys, drawn at random, until at least the share of `rows` is cut. InvalidInput if that
/// would leave nothing. `keyOf[row]` is the key of a row of the table.
Result<Split> groupSplit(const Rows& rows, std::span<const double> keyOf, double share, std::uint64_t seed);

/// Cuts the rows with the largest keys: at least the share (rounded up), as rows of one key go together. Every key that
/// is kept is smaller than every one that is cut. InvalidInput if there is only one key.
Result<Split> timeSplit(const Rows& rows, std::span<const double> keyOf, double share);

} // namespace perch::data
