#include "core/evaluate/evaluation_compare.h"

#include "core/base/number_format.h"
#include "core/stats/delong.h"
#include "core/stats/multiclass_metrics.h"
#include "core/stats/paired_mean.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

namespace perch::evaluate {

namespace {

using RightAt = std::function<bool(std::size_t)>;

/// Exact p of accuracy from the rows that only one of the two gets right.
void setMcNemar(Comparison& comparison, std::size_t rows, const RightAt& candidateIsRight,
                const RightAt& baselineIsRight) {
    std::uint64_t onlyCandidate = 0, onlyBaseline = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        const bool candidate = candidateIsRight(i), baseline = baselineIsRight(i);
        onlyCandidate += candidate && !baseline;
        onlyBaseline += baseline && !candidate;
    }
    Difference& difference = comparison.differences.find("accuracy")->second;
    difference.p = stats::fairCoinTwoSided(onlyCandidate, onlyBaseline);
    difference.test = "McNemar, exact";
}

template <typename Differences>
Comparison pairedBootstrap(model::Task task, const Differences& paired) {
    Comparison comparison;
    const std::span<const MetricDefinition> definitions = metricDefinitions(task);
    for (std::size_t m = 0; m < definitions.size(); ++m) {
        Difference difference{.test = "paired bootstrap"};
        if (paired[m]) {
            difference.value = paired[m]->value;
            difference.low = paired[m]->interval.low;
            difference.high = paired[m]->interval.high;
            difference.p = paired[m]->p;
        }
        comparison.differences.emplace(definitions[m].name, std::move(difference));
    }
    return comparison;
}

std::string reasonOf(Verdict verdict, const Difference& difference, const MetricDefinition& definition, double margin) {
    const auto shown = [&](double change) {
        return definition.error ? changeText(definition, change) : formatSigned(change, 3);
    };
    const std::string interval = fmt::format("The change of {} is {} ({} to {}, 95 %)", definition.name,
                                             shown(*difference.value), shown(*difference.low), shown(*difference.high));
    switch (verdict) {
    case Verdict::Better:
        return fmt::format("{}: a gain throughout.", interval);
    case Verdict::NotWorse:
        return fmt::format("{}: a loss of up to {:.4g} counts as not worse.", interval, margin);
    case Verdict::Worse:
        return fmt::format("{}: a loss throughout, possibly of more than {:.4g}.", interval, margin);
    case Verdict::Undecided:
        break;
    }
    return fmt::format("{}: a gain and a loss of more than {:.4g} are both possible, more rows would decide.", interval,
                       margin);
}

/// The verdict on the metric that decides; `baselineValue` is the value that a margin of an error is a share of.
Result<Comparison> decided(Comparison comparison, model::Task task, const Decision& decision,
                           std::optional<double> baselineValue) {
    comparison.metric = decision.metric.empty() ? decidingMetric(task) : decision.metric;
    std::vector<std::string_view> names;
    for (const MetricDefinition& definition : metricDefinitions(task)) {
        names.push_back(definition.name);
        if (definition.name != comparison.metric)
            continue;
        comparison.margin = definition.error ? decision.margin * baselineValue.value_or(0) : decision.margin;
        const Difference& deciding = comparison.differences.find(comparison.metric)->second;
        comparison.verdict = verdictOf(deciding, definition.higherIsBetter, comparison.margin);
        comparison.reason = deciding.value ? reasonOf(comparison.verdict, deciding, definition, comparison.margin)
                                           : fmt::format("{} is undefined on these rows.", comparison.metric);
        return comparison;
    }
    return fail(ErrorCode::InvalidInput, "There is no metric {}; there are {}.", comparison.metric,
                fmt::join(names, ", "));
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
                           std::span<const std::uint8_t> labels, const Decision& decision,
                           const stats::BootstrapOptions& bootstrap, std::stop_token stop) {
    const auto paired = TRY(stats::bootstrapDifferences(candidate, baseline, labels, bootstrap, std::move(stop)));
    Comparison comparison = pairedBootstrap(model::Task::Binary, paired);
    const auto rightOf = [&](const stats::ScoredRows& rows) -> RightAt {
        return [&rows, labels](std::size_t i) {
            return (static_cast<double>(rows.scores[i]) >= rows.threshold) == (labels[i] != 0);
        };
    };
    setMcNemar(comparison, labels.size(), rightOf(candidate), rightOf(baseline));
    if (const auto area = stats::delong(candidate.scores, baseline.scores, labels))
        comparison.differences.insert_or_assign(
            "roc_auc", Difference{area->value, area->interval.low, area->interval.high, area->p, "DeLong"});
    return decided(std::move(comparison), model::Task::Binary, decision, {});
}

Result<Comparison> compareClasses(std::span<const float> candidate, std::span<const float> baseline,
                                  std::size_t classes, std::span<const std::uint8_t> labels, const Decision& decision,
                                  const stats::BootstrapOptions& bootstrap, std::stop_token stop) {
    const stats::SampledMetrics ours = stats::sampledMulticlassMetrics(candidate, classes, labels, bootstrap.seed);
    const stats::SampledMetrics theirs = stats::sampledMulticlassMetrics(baseline, classes, labels, bootstrap.seed);
    const auto paired = TRY(stats::rowDifferences(ours, theirs, bootstrap, std::move(stop)));
    Comparison comparison = pairedBootstrap(model::Task::MultiClass, paired);
    const auto rightOf = [&](std::span<const float> scores) -> RightAt {
        return [scores, classes, labels](std::size_t i) {
            return stats::mostProbable(scores.subspan(i * classes, classes)) == labels[i];
        };
    };
    setMcNemar(comparison, labels.size(), rightOf(candidate), rightOf(baseline));
    return decided(std::move(comparison), model::Task::MultiClass, decision, {});
}

Result<Comparison> compareNumbers(std::span<const float> candidate, std::span<const float> baseline,
                                  std::span<const double> truth, const stats::Tolerance& tolerance,
                                  const Decision& decision, const stats::BootstrapOptions& bootstrap,
                                  std::stop_token stop) {
    const stats::SampledMetrics ours = stats::sampledRegressionMetrics(candidate, truth, tolerance, bootstrap.seed);
    const stats::SampledMetrics theirs = stats::sampledRegressionMetrics(baseline, truth, tolerance, bootstrap.seed);
    const auto paired = TRY(stats::rowDifferences(ours, theirs, bootstrap, std::move(stop)));
    Comparison comparison = pairedBootstrap(model::Task::Regression, paired);
    const auto errorsOf = [&](std::span<const float> predicted) {
        std::vector<double> errors;
        for (std::size_t i = 0; i < truth.size(); ++i)
            errors.push_back(std::abs(static_cast<double>(predicted[i]) - truth[i]));
        return errors;
    };
    if (const auto mean = stats::pairedMean(errorsOf(candidate), errorsOf(baseline)))
        comparison.differences.insert_or_assign("mae", Difference{mean->value, mean->interval.low, mean->interval.high,
                                                                  mean->p, "paired differences, normal"});
    const bool isRmse = decision.metric == "rmse";
    const auto metric = isRmse ? stats::RegressionMetric::Rmse : stats::RegressionMetric::Mae;
    return decided(std::move(comparison), model::Task::Regression, decision,
                   theirs.values[static_cast<std::size_t>(metric)]);
}

} // namespace perch::evaluate
