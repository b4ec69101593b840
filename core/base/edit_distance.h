#pragma once

#include <cstddef>
#include <string_view>

namespace perch {

/// Insertions, deletions, replacements and swaps of neighboring bytes that lead from one name to the other, regardless
/// of the case of ASCII letters: for "did you mean". Pure. Of longer names the first 200 bytes count, so that a hostile
/// name costs little.
std::size_t editDistance(std::string_view a, std::string_view b);

} // namespace perch
