#pragma once

#include "core/data/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace perch::model {

/// The label column as classes: 0 is negative, 1 is positive.
struct BinaryLabel {
    std::vector<std::string> classes;  ///< {negative, positive}
    std::vector<std::uint8_t> classOf; ///< per row of the table
};

/// Reads a label column of texts. `positive` may be empty: then it is `yes`, `true` or `1` of a pair with `no`, `false`
/// or `0`, else the rarer class. InvalidInput that names the file and the column: no such column, missing values, not
/// exactly two classes, `positive` is none of them.
Result<BinaryLabel> readBinaryLabel(const data::Table& table, const std::string& label, const std::string& positive);

} // namespace perch::model
