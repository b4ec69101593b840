#pragma once

#include "core/data/quality/quality_report.h"
#include "core/data/table.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace perch::data {

inline constexpr std::size_t kLongestSource = 1'000; ///< bytes shown of the name of a source

/// A foreign text in a sentence: at most so many bytes and without control characters.
std::string shownText(std::string_view text, std::size_t longest = 40);

/// A number with as many digits as it takes to name it.
std::string shownNumber(double value);

/// A cell as a person wrote it, `missing` if there is none.
std::string cellText(const Column& column, std::size_t row);

/// An example of a check; `row` is a position, from 0.
QualityCell exampleCell(const Column& column, std::size_t row);

} // namespace perch::data
