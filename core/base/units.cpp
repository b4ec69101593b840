#include "core/base/units.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace perch {

Result<Percent> Percent::fromPercent(double percent) {
    if (!(percent >= 0 && percent <= 100))
        return fail(ErrorCode::InvalidInput, "The weight {} is not between 0 and 100 percent.", percent);
    return fromBasisPoints(static_cast<int>(std::lround(percent * 100)));
}

Percent Percent::fromBasisPoints(int basisPoints) {
    Percent value;
    value.m_basisPoints = std::clamp(basisPoints, 0, 10'000);
    return value;
}

Result<Percent> Percent::parse(std::string_view text) {
    std::string_view number = text;
    if (number.ends_with('%'))
        number.remove_suffix(1);
    double percent = -1;
    const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), percent);
    if (status != std::errc() || end != number.data() + number.size())
        return fail(ErrorCode::InvalidInput, "\"{}\" is not a percentage: write a number from 0 to 100.", shownText(text));
    return fromPercent(percent);
}

std::string Percent::text() const {
    return fmt::format("{}", percent());
}

} // namespace perch
