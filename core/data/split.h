#pragma once

#include "core/data/table.h"

#include <cstdint>
#include <span>
#include <vector>

namespace perch::data {

/// Row numbers of a table, ascending.
using Rows = std::vector<std::uint32_t>;

struct Split {
    Rows kept;
    Rows cut;
};

/// Cuts a share of `rows` (rounded up) so that each class keeps its share in both parts; each class with at least two
/// rows is in both. `classOf[row]` is the class of a row of the table. The same rows, share and seed give the same
/// parts on every machine, and the same as scikit-learn's `train_test_split(test_size=share, stratify=classes,
/// random_state=seed)`, so that its users can check every figure.
Split stratifiedSplit(const Rows& rows, std::span<const std::uint8_t> classOf, double share, std::uint64_t seed);

/// 0, 1, ... count - 1
Rows allRows(std::size_t count);

} // namespace perch::data
