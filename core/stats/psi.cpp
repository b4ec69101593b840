#include "core/stats/psi.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::stats {

namespace {

struct Rows {
    double reference = 0, current = 0;
};

/// Nothing if the two sides cannot be compared.
std::optional<Rows> rowsOf(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    if (reference.size() != current.size())
        return std::nullopt;
    const auto sum = [](auto counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const Rows rows{sum(reference), sum(current)};
    if (rows.reference <= 0 || rows.current <= 0)
        return std::nullopt;
    return rows;
}

double filledShare(std::uint64_t count, double rows) {
    return count == 0 ? kEmptyBinShare : static_cast<double>(count) / rows;
}

} // namespace

double psiBias(std::size_t bins, std::uint64_t referenceRows, std::uint64_t currentRows) {
    return (static_cast<double>(bins) - 1) *
           (1 / static_cast<double>(referenceRows) + 1 / static_cast<double>(currentRows));
}

std::optional<double> psiUncorrected(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    const std::optional<Rows> rows = rowsOf(reference, current);
    if (!rows)
        return std::nullopt;
    double index = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = filledShare(reference[i], rows->reference);
        const double q = filledShare(current[i], rows->current);
        index += (p - q) * std::log(p / q);
    }
    return index;
}

std::optional<double> psi(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    const std::optional<double> index = psiUncorrected(reference, current);
    if (!index)
        return std::nullopt;
    const Rows rows = *rowsOf(reference, current);
    const double bias =
        psiBias(reference.size(), static_cast<std::uint64_t>(rows.reference), static_cast<std::uint64_t>(rows.current));
    return std::max(0.0, *index - bias);
}

std::optional<Interval> psiInterval(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    const std::optional<double> index = psi(reference, current);
    if (!index)
        return std::nullopt;
    const Rows rows = *rowsOf(reference, current);
    // Sums of share * derivative and of its square, per side.
    double referenceMean = 0, referenceSquare = 0, currentMean = 0, currentSquare = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = filledShare(reference[i], rows.reference), q = filledShare(current[i], rows.current);
        const double byP = std::log(p / q) + 1 - q / p, byQ = std::log(q / p) + 1 - p / q;
        const double referenceShare = static_cast<double>(reference[i]) / rows.reference;
        const double currentShare = static_cast<double>(current[i]) / rows.current;
        referenceMean += referenceShare * byP;
        referenceSquare += referenceShare * byP * byP;
        currentMean += currentShare * byQ;
        currentSquare += currentShare * byQ * byQ;
    }
    const double shifted = (referenceSquare - referenceMean * referenceMean) / rows.reference +
                           (currentSquare - currentMean * currentMean) / rows.current;
    const double scale = 1 / rows.reference + 1 / rows.current;
    const double still = 2 * (static_cast<double>(reference.size()) - 1) * scale * scale;
    const double half = kNormal95 * std::sqrt(std::max(0.0, shifted) + still);
    return Interval{std::max(0.0, *index - half), *index + half};
}

std::optional<double> jensenShannonDistance(std::span<const std::uint64_t> reference,
                                            std::span<const std::uint64_t> current) {
    const std::optional<Rows> rows = rowsOf(reference, current);
    if (!rows)
        return std::nullopt;
    double divergence = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = static_cast<double>(reference[i]) / rows->reference;
        const double q = static_cast<double>(current[i]) / rows->current;
        const double middle = (p + q) / 2;
        if (p > 0)
            divergence += p * std::log(p / middle) / 2;
        if (q > 0)
            divergence += q * std::log(q / middle) / 2;
    }
    return std::sqrt(std::max(0.0, divergence));
}

} // namespace perch::stats
