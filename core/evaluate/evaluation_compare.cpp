#include "core/evaluate/evaluation_compare.h"

#include "core/base/number_format.h"
#include "core/stats/delong.h"

namespace perch::evaluate {

namespace {

/// Rows that only one of the two gets right.
double mcNemarP(const stats::ScoredRows& candidate, const stats::ScoredRows& baseline,
                std::span<const std::uint8_t> labels) {
    std::uint64_t onlyCandidate = 0, onlyBaseline = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const bool truth = labels[i] != 0;
        const bool candidateRight = (static_cast<double>(candidate.scores[i]) >= candidate.threshold) == truth;
        const bool baselineRight = (static_cast<double>(baseline.scores[i]) >= baseline.threshold) == truth;
        onlyCandidate += candidateRight && !baselineRight;
        onlyBaseline += baselineRight && !candidateRight;
    }
    return stats::fairCoinTwoSided(onlyCandidate, onlyBaseline);
}

std::string reasonOf(Verdict verdict, const Difference& difference, const std::string& metric, double margin) {
    const std::string interval =
        fmt::format("The change of {} is {} ({} to {}, 95 %)", metric, formatSigned(*difference.value, 3),
                    formatSigned(*difference.low, 3), formatSigned(*difference.high, 3));
    switch (verdict) {
    case Verdict::Better:
        return fmt::format("{}: a gain throughout.", interval);
    case Verdict::NotWorse:
        return fmt::format("{}: a loss of up to {:g} counts as not worse.", interval, margin);
    case Verdict::Worse:
        return fmt::format("{}: a loss throughout, possibly of more than {:g}.", interval, margin);
    case Verdict::Undecided:
        break;
    }
    return fmt::format("{}: a gain and a loss of more than {:g} are both possible, more rows would decide.", interval,
                       margin);
}

} // namespace

Verdict verdictOf(const Difference& difference, bool higherIsBetter, double margin) {
    if (!difference.low || !difference.high)
        return Verdict::Undecided;
    const double low = higherIsBetter ? *difference.low : -*difference.high;
    const double high = higherIsBetter ? *difference.high : -*difference.low;
    if (low > 0)
        return Verdict::Better;
    if (low >= -margin)
        return Verdict::NotWorse;
    return high < 0 ? Verdict::Worse : Verdict::Undecided;
}

Result<Comparison> compare(const stats::ScoredRows& candidate, const stats::ScoredRows& baseline,
                           std::span<const std::uint8_t> labels, const std::string& metric, double margin,
                           const stats::BootstrapOptions& bootstrap, std::stop_token stop) {
    const auto paired = TRY(stats::bootstrapDifferences(candidate, baseline, labels, bootstrap, stop));
    const std::span<const MetricDefinition> definitions = metricDefinitions(model::Task::Binary);
    Comparison comparison;
    for (std::size_t m = 0; m < definitions.size(); ++m) {
        Difference difference;
        difference.test = "paired bootstrap";
        if (paired[m]) {
            difference.value = paired[m]->value;
            difference.low = paired[m]->interval.low;
            difference.high = paired[m]->interval.high;
            difference.p = paired[m]->p;
        }
        comparison.differences.emplace(definitions[m].name, difference);
    }
    Difference& ofAccuracy = comparison.differences.find("accuracy")->second;
    ofAccuracy.p = mcNemarP(candidate, baseline, labels);
    ofAccuracy.test = "McNemar, exact";
    if (const auto area = stats::delong(candidate.scores, baseline.scores, labels))
        comparison.differences.insert_or_assign(
            "roc_auc", Difference{area->value, area->interval.low, area->interval.high, area->p, "DeLong"});

    comparison.metric = metric;
    comparison.margin = margin;
    for (const MetricDefinition& definition : definitions) {
        if (definition.name != metric)
            continue;
        const Difference& deciding = comparison.differences.find(metric)->second;
        comparison.verdict = verdictOf(deciding, definition.higherIsBetter, margin);
        comparison.reason = deciding.value ? reasonOf(comparison.verdict, deciding, metric, margin)
                                           : fmt::format("{} is undefined on these rows.", metric);
        return comparison;
    }
    std::vector<std::string_view> names;
    for (const MetricDefinition& definition : definitions)
        names.push_back(definition.name);
    return fail(ErrorCode::InvalidInput, "There is no metric {}; there are {}.", metric, fmt::join(names, ", "));
}

} // namespace perch::evaluate
