#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace perch {

/// RFC 4648, section 4, with padding and on one line.
std::string toBase64(std::string_view bytes);

/// Nothing if the text is no base64 with padding. Spaces and line ends anywhere are left out.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace perch
