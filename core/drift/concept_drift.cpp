#include "core/base/number_format.h"
#include "core/drift/model_drift.h"
#include "core/drift/model_scores.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::drift {

namespace {

constexpr std::size_t kStrata = 10;
constexpr double kPoint = 0.01; // a change that is worth an alarm

/// Sums over the labelled rows of one side.
struct Outcome {
    std::uint64_t rows = 0, errors = 0, positives = 0;
    double scores = 0;
    double gap() const { return (static_cast<double>(positives) - scores) / static_cast<double>(rows); }
    double errorRate() const { return static_cast<double>(errors) / static_cast<double>(rows); }
};

Outcome outcomeOf(const ScoredSide& side, double threshold) {
    Outcome outcome;
    for (std::size_t i = 0; i < side.labels.size(); ++i) {
        if (side.labels[i] == kUnlabelled)
            continue;
        const double score = static_cast<double>(side.scores[i]);
        ++outcome.rows;
        outcome.positives += side.labels[i];
        outcome.scores += score;
        outcome.errors += (score >= threshold) != (side.labels[i] == 1);
    }
    return outcome;
}

/// Upper edges of the strata but the last: deciles of the labelled reference scores.
std::vector<float> edgesOf(const ScoredSide& reference) {
    std::vector<float> scores;
    for (std::size_t i = 0; i < reference.labels.size(); ++i) {
        if (reference.labels[i] != kUnlabelled)
            scores.push_back(reference.scores[i]);
    }
    std::ranges::sort(scores);
    std::vector<float> edges;
    for (std::size_t k = 1; k < kStrata; ++k)
        edges.push_back(scores[scores.size() * k / kStrata]);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    return edges;
}

void countStrata(const ScoredSide& side, const std::vector<float>& edges, std::vector<stats::Stratum>& strata,
                 std::uint64_t stats::Stratum::* rows, std::uint64_t stats::Stratum::* positives) {
    for (std::size_t i = 0; i < side.labels.size(); ++i) {
        if (side.labels[i] == kUnlabelled)
            continue;
        stats::Stratum& stratum =
            strata[static_cast<std::size_t>(std::ranges::lower_bound(edges, side.scores[i]) - edges.begin())];
        ++(stratum.*rows);
        stratum.*positives += side.labels[i];
    }
}

} // namespace

std::optional<ConceptDrift> measureConceptDrift(const ScoredSide& reference, const ScoredSide& current, double threshold,
                                                double alpha) {
    const Outcome before = outcomeOf(reference, threshold), after = outcomeOf(current, threshold);
    const auto error = stats::shareDifference(before.errors, before.rows, after.errors, after.rows);
    if (!error)
        return std::nullopt;
    ConceptDrift drift{.referenceRows = before.rows,
                       .currentRows = after.rows,
                       .referenceError = before.errorRate(),
                       .currentError = after.errorRate(),
                       .error = *error,
                       .referenceGap = before.gap(),
                       .currentGap = after.gap()};
    const std::vector<float> edges = edgesOf(reference);
    std::vector<stats::Stratum> strata(edges.size() + 1);
    countStrata(reference, edges, strata, &stats::Stratum::referenceRows, &stats::Stratum::referencePositives);
    countStrata(current, edges, strata, &stats::Stratum::currentRows, &stats::Stratum::currentPositives);
    drift.change = stats::stratifiedChange(strata);
    const bool moreErrors = error->p <= alpha / 2 && std::abs(error->value) >= kPoint;
    const bool otherMeaning = drift.change && drift.change->p <= alpha / 2 && std::abs(drift.change->value) >= kPoint;
    drift.drifted = moreErrors || otherMeaning;
    drift.reason =
        fmt::format("The error rate went from {} to {} ({}).", formatPercent(drift.referenceError),
                    formatPercent(drift.currentError), formatPoints(error->value));
    if (drift.change)
        drift.reason += fmt::format(" At equal scores the positive share changed by {} (p {}).",
                                    formatPoints(drift.change->value), formatPValue(drift.change->p));
    return drift;
}

} // namespace perch::drift
