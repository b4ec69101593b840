#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace perch {

/// Whether the bytes are well-formed UTF-8 without NUL.
bool isUtf8(std::string_view bytes);

/// A foreign text in a message: at most `longest` bytes, without control characters; `bytes that are not UTF-8` if it is
/// none.
std::string shownText(std::string_view text, std::size_t longest = 40);

} // namespace perch
