#pragma once

#include "core/base/result.h"

#include <compare>
#include <string_view>

namespace perch {

/// A share of traffic in basis points (1/100 of a percent), 0 to 10,000. Exact, so that weights add up.
class Percent {
public:
    Percent() = default;
    static Result<Percent> fromPercent(double percent);
    static Percent fromBasisPoints(int basisPoints); ///< Clamped into range.
    /// Accepts `25`, `25%`, `12.5`.
    static Result<Percent> parse(std::string_view text);

    int basisPoints() const { return m_basisPoints; }
    double percent() const { return m_basisPoints / 100.0; }
    double share() const { return m_basisPoints / 10'000.0; }
    /// `25` or `12.5`, without a sign or unit.
    std::string text() const;
    auto operator<=>(const Percent&) const = default;

private:
    int m_basisPoints = 0;
};

} // namespace perch
