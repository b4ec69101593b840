#include "core/base/parse_number.h"

#include <charconv>
#include <cmath>

namespace perch {

std::optional<double> parseFinite(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

} // namespace perch
