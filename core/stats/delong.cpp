#include "core/stats/delong.h"

#include "core/stats/score_cells.h"

#include <cmath>
#include <vector>

namespace perch::stats {

namespace {

/// Share of the other class that a row is ranked on the right side of; ties count half.
std::vector<double> placements(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    const ScoreCells cells = ScoreCells::exactFrom(scores, labels);
    std::vector<double> negativesUpTo, positivesUpTo; // middle of the cell
    double negatives = 0, positives = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const double n = static_cast<double>(cells.negatives()[i]), p = static_cast<double>(cells.positives()[i]);
        negativesUpTo.push_back(negatives + n / 2);
        positivesUpTo.push_back(positives + p / 2);
        negatives += n;
        positives += p;
    }
    std::vector<double> shares;
    shares.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const std::size_t cell = cells.firstPositive(static_cast<double>(scores[i]));
        shares.push_back(labels[i] != 0 ? negativesUpTo[cell] / negatives : 1 - positivesUpTo[cell] / positives);
    }
    return shares;
}

struct Moments {
    double count = 0, mean = 0, squares = 0;

    void add(double value) {
        count += 1;
        const double before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
    }
    double variance() const { return squares / (count - 1); }
};

} // namespace

std::optional<AucDifference> delong(std::span<const float> candidate, std::span<const float> baseline,
                                    std::span<const std::uint8_t> labels) {
    const std::vector<double> a = placements(candidate, labels);
    const std::vector<double> b = placements(baseline, labels);
    // The covariance terms of the paper are the variance of the difference of the placements.
    Moments ofClass[2];
    for (std::size_t i = 0; i < labels.size(); ++i)
        ofClass[labels[i] != 0].add(a[i] - b[i]);
    if (ofClass[0].count < 2 || ofClass[1].count < 2)
        return std::nullopt;
    AucDifference difference;
    difference.value = ofClass[1].mean;
    difference.standardError =
        std::sqrt(ofClass[0].variance() / ofClass[0].count + ofClass[1].variance() / ofClass[1].count);
    const double half = kNormal95 * difference.standardError;
    difference.interval = {difference.value - half, difference.value + half};
    if (difference.standardError > 0)
        difference.p = normalTwoSided(difference.value / difference.standardError);
    else
        difference.p = difference.value == 0 ? 1 : 0;
    return difference;
}

} // namespace perch::stats
