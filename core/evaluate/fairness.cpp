#include "core/evaluate/fairness.h"

#include "core/stats/intervals.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace perch::evaluate {

namespace {

constexpr std::uint64_t kFairnessRows = 30;

MetricValue rate(std::uint64_t part, std::uint64_t whole) {
    const std::optional<stats::Interval> interval = stats::wilsonInterval(part, whole);
    if (!interval)
        return {};
    return {static_cast<double>(part) / static_cast<double>(whole), interval->low, interval->high};
}

/// The rate of a group that has enough of the rows that it is a share of.
struct CountedRate {
    const MetricValue* rate = nullptr;
    std::uint64_t rows = 0;
};

/// The highest rate less the lowest, with Newcombe's interval of the difference of those two shares.
MetricValue gapOf(const std::vector<CountedRate>& rates) {
    const MetricValue *lowest = nullptr, *highest = nullptr;
    std::size_t counted = 0;
    for (const CountedRate& one : rates) {
        if (one.rows < kFairnessRows || !one.rate->value)
            continue;
        ++counted;
        if (lowest == nullptr || *one.rate->value < *lowest->value)
            lowest = one.rate;
        if (highest == nullptr || *one.rate->value > *highest->value)
            highest = one.rate;
    }
    if (counted < 2)
        return {};
    const double gap = *highest->value - *lowest->value;
    if (highest == lowest)
        return {.value = 0.0};
    return {.value = gap,
            .low = std::max(0.0, gap - std::hypot(*highest->value - *highest->low, *lowest->high - *lowest->value)),
            .high = gap + std::hypot(*highest->high - *highest->value, *lowest->value - *lowest->low)};
}

std::optional<double> larger(const std::optional<double>& a, const std::optional<double>& b) {
    return a && b ? std::max(*a, *b) : std::optional<double>();
}

} // namespace

Fairness measureFairness(const GroupedColumn& groups, std::span<const float> scores,
                         std::span<const std::uint8_t> labels, double threshold) {
    std::vector<stats::ConfusionMatrix> matrices(groups.groups.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (groups.ofRow[i] < 0)
            continue;
        stats::ConfusionMatrix& matrix = matrices[static_cast<std::size_t>(groups.ofRow[i])];
        const bool predicted = static_cast<double>(scores[i]) >= threshold;
        if (labels[i] != 0)
            ++(predicted ? matrix.truePositives : matrix.falseNegatives);
        else
            ++(predicted ? matrix.falsePositives : matrix.trueNegatives);
    }
    Fairness fairness{.column = groups.name, .minimumRows = kFairnessRows};
    for (std::size_t g = 0; g < matrices.size(); ++g) {
        const stats::ConfusionMatrix& matrix = matrices[g];
        if (matrix.rows() == 0)
            continue;
        fairness.groups.push_back({.group = groups.groups[g],
                                   .rows = matrix.rows(),
                                   .positives = matrix.positives(),
                                   .accuracy = rate(matrix.truePositives + matrix.trueNegatives, matrix.rows()),
                                   .selectionRate = rate(matrix.predictedPositives(), matrix.rows()),
                                   .truePositiveRate = rate(matrix.truePositives, matrix.positives()),
                                   .falsePositiveRate = rate(matrix.falsePositives, matrix.negatives())});
    }
    std::vector<CountedRate> selected, found, alarmed;
    for (const GroupRates& group : fairness.groups) {
        selected.push_back({&group.selectionRate, group.rows});
        found.push_back({&group.truePositiveRate, group.positives});
        alarmed.push_back({&group.falsePositiveRate, group.rows - group.positives});
    }
    fairness.selection = gapOf(selected);
    fairness.truePositive = gapOf(found);
    fairness.falsePositive = gapOf(alarmed);
    fairness.equalizedOdds = larger(fairness.truePositive.value, fairness.falsePositive.value);
    fairness.biasScore = larger(fairness.selection.value, fairness.truePositive.value);
    return fairness;
}

Fairness measureAccuracyGap(const GroupedColumn& groups, std::span<const double> errors) {
    std::vector<std::uint64_t> rows(groups.groups.size()), right(groups.groups.size());
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (groups.ofRow[i] < 0)
            continue;
        const auto group = static_cast<std::size_t>(groups.ofRow[i]);
        ++rows[group];
        right[group] += errors[i] == 0 ? 1 : 0;
    }
    Fairness fairness{.column = groups.name, .minimumRows = kFairnessRows};
    for (std::size_t g = 0; g < rows.size(); ++g) {
        if (rows[g] > 0)
            fairness.groups.push_back(
                {.group = groups.groups[g], .rows = rows[g], .accuracy = rate(right[g], rows[g])});
    }
    std::vector<CountedRate> accuracies;
    for (const GroupRates& group : fairness.groups)
        accuracies.push_back({&group.accuracy, group.rows});
    fairness.accuracy = gapOf(accuracies);
    return fairness;
}

} // namespace perch::evaluate
