#pragma once

#include <optional>
#include <string_view>

namespace perch {

/// The whole text as a decimal number, with a point whatever the locale; nothing if it is none, infinite or out of the
/// range of a double. No spaces, no plus sign.
std::optional<double> parseFinite(std::string_view text);

} // namespace perch
