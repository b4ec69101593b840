#pragma once

#include <string>
#include <string_view>

namespace perch::data {

/// Whether a path holds `*`, `?` or `[`.
bool isGlob(std::string_view path);

/// The folders before the first segment that is a pattern, without the last slash: `/data` of `/data/*/x?.csv`.
std::string globBase(std::string_view pattern);

/// How many segments below its base a pattern reaches; 0 if it holds `**` and reaches all.
std::size_t globDepth(std::string_view pattern);

/// `*` and `?` stand for any characters but the slash, `[a-z]` and `[!a]` for one of a set, the segment `**` for any
/// number of folders. A pattern's wildcards do not match a leading dot.
bool matchesGlob(std::string_view pattern, std::string_view path);

} // namespace perch::data
