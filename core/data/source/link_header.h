#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace perch::data {

/// The target with `rel="next"` of a Link header (RFC 8288): `<https://shop/x?page=2>; rel="next"`. Nothing if there is
/// none or the header is malformed.
std::optional<std::string> nextLink(std::string_view header);

/// Scheme, host and port of a URL in lower case, `https://shop.example:443`; nothing if it is not an absolute http or
/// https URL, or names a user before the host.
std::optional<std::string> originOf(std::string_view url);

} // namespace perch::data
