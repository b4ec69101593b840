#pragma once

#include "core/data/table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace perch::data {

/// A label column as classes or as numbers, whatever it was read as: few different numbers are classes, and many texts
/// that all read as numbers are numbers. Keeps a pointer to the column.
struct LabelView {
    const Column* column = nullptr;
    bool isNumber = false;
    std::vector<std::string> classes = {};  ///< unless isNumber
    std::vector<std::int32_t> classOf = {}; ///< per row, -1 is missing
    std::vector<std::uint64_t> counts = {}; ///< per class
    std::vector<double> numbers = {};       ///< if isNumber, NaN is missing

    /// Nothing if the table has no such column.
    static std::optional<LabelView> of(const Table& table, const std::string& label);
};

} // namespace perch::data
