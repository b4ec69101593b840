#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace perch::data {

enum class Compression { Gzip, Zstd };
std::string compressed(std::string_view text, Compression compression);

/// Rows `i, i / 2.0, odd?, own or rent, 2026-01-01 + i days`; the second row's id is missing.
void writeParquet(const std::filesystem::path& file, int rows);

} // namespace perch::data
