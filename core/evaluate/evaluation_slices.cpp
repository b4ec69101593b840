#include "core/evaluate/evaluation_slices.h"

#include "core/base/number_format.h"
#include "core/stats/intervals.h"
#include "core/stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::evaluate {

namespace {

constexpr std::size_t kSlices = 10;
constexpr std::size_t kGroups = 20;
constexpr std::uint64_t kFairnessRows = 30;
constexpr double kSignificance = 0.05;

GroupedColumn groupCategories(const data::Column& column, std::span<const std::uint32_t> rows) {
    std::vector<std::uint64_t> counts(column.categories.size());
    for (const std::uint32_t row : rows) {
        if (column.codes[row] >= 0)
            ++counts[static_cast<std::size_t>(column.codes[row])];
    }
    std::vector<std::int32_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::int32_t code) { return counts[static_cast<std::size_t>(code)]; });
    order.resize(std::min(order.size(), kGroups));

    GroupedColumn grouped{.name = column.name};
    std::vector<std::int32_t> groupOfCode(counts.size(), -1);
    for (const std::int32_t code : order) {
        groupOfCode[static_cast<std::size_t>(code)] = static_cast<std::int32_t>(grouped.groups.size());
        grouped.groups.push_back("= " + column.categories[static_cast<std::size_t>(code)]);
    }
    const auto missing = static_cast<std::int32_t>(grouped.groups.size());
    grouped.groups.emplace_back("missing");
    for (const std::uint32_t row : rows) {
        const std::int32_t code = column.codes[row];
        grouped.ofRow.push_back(code < 0 ? missing : groupOfCode[static_cast<std::size_t>(code)]);
    }
    return grouped;
}

/// Up to four ranges of about equal row counts; fewer where values repeat.
std::vector<double> quarterEdges(std::vector<double> values) {
    std::ranges::sort(values);
    std::vector<double> edges;
    for (int quarter = 1; quarter < 4 && !values.empty(); ++quarter) {
        const double edge = values[values.size() * static_cast<std::size_t>(quarter) / 4];
        if ((edges.empty() || edge > edges.back()) && edge < values.back())
            edges.push_back(edge);
    }
    return edges;
}

constexpr std::size_t kFewValues = 5;

/// Numbers that are codes: each value is a group. Empty if there are more than a few.
std::vector<double> fewValues(std::span<const double> present) {
    std::vector<double> values;
    for (const double value : present) {
        const auto at = std::ranges::lower_bound(values, value);
        if (at != values.end() && *at == value)
            continue;
        if (values.size() == kFewValues)
            return {};
        values.insert(at, value);
    }
    return values;
}

GroupedColumn groupFewValues(const data::Column& column, std::span<const std::uint32_t> rows,
                             const std::vector<double>& values) {
    GroupedColumn grouped{.name = column.name, .groups = {}, .ofRow = {}};
    for (const double value : values)
        grouped.groups.push_back(fmt::format("= {:g}", value));
    grouped.groups.emplace_back("missing");
    for (const std::uint32_t row : rows) {
        const double value = column.numbers[row];
        const auto at = std::isnan(value) ? values.end() : std::ranges::lower_bound(values, value);
        grouped.ofRow.push_back(static_cast<std::int32_t>(at - values.begin()));
    }
    return grouped;
}

GroupedColumn groupNumbers(const data::Column& column, std::span<const std::uint32_t> rows) {
    std::vector<double> present;
    for (const std::uint32_t row : rows) {
        if (!std::isnan(column.numbers[row]))
            present.push_back(column.numbers[row]);
    }
    if (const std::vector<double> values = fewValues(present); !values.empty())
        return groupFewValues(column, rows, values);
    const std::vector<double> edges = quarterEdges(std::move(present));
    GroupedColumn grouped{.name = column.name};
    for (std::size_t i = 0; i <= edges.size() && !edges.empty(); ++i) {
        grouped.groups.push_back(i == 0              ? fmt::format("<= {:g}", edges[0])
                                 : i == edges.size() ? fmt::format("> {:g}", edges.back())
                                                     : fmt::format("in ({:g}, {:g}]", edges[i - 1], edges[i]));
    }
    if (edges.empty())
        grouped.groups.emplace_back("present");
    const auto missing = static_cast<std::int32_t>(grouped.groups.size());
    grouped.groups.emplace_back("missing");
    for (const std::uint32_t row : rows) {
        const double value = column.numbers[row];
        const auto bin = std::ranges::lower_bound(edges, value) - edges.begin();
        grouped.ofRow.push_back(std::isnan(value) ? missing : static_cast<std::int32_t>(bin));
    }
    return grouped;
}

GroupedColumn groupBooleans(const data::Column& column, std::span<const std::uint32_t> rows) {
    GroupedColumn grouped{.name = column.name, .groups = {"= false", "= true", "missing"}};
    for (const std::uint32_t row : rows) {
        const double value = column.numbers[row];
        grouped.ofRow.push_back(std::isnan(value) ? 2 : value != 0 ? 1 : 0);
    }
    return grouped;
}

struct GroupSums {
    std::uint64_t rows = 0, right = 0, baselineRight = 0;
};

MetricValue rate(std::uint64_t part, std::uint64_t whole) {
    const std::optional<stats::Interval> interval = stats::wilsonInterval(part, whole);
    if (!interval)
        return {};
    return {static_cast<double>(part) / static_cast<double>(whole), interval->low, interval->high};
}

std::optional<double> gapOf(const Fairness& fairness, MetricValue GroupRates::* metric) {
    std::vector<double> values;
    for (const GroupRates& group : fairness.groups) {
        if (group.rows >= fairness.minimumRows && (group.*metric).value)
            values.push_back(*(group.*metric).value);
    }
    if (values.size() < 2)
        return std::nullopt;
    const auto [low, high] = std::ranges::minmax(values);
    return high - low;
}

} // namespace

GroupedColumn groupColumn(const data::Column& column, std::span<const std::uint32_t> rows) {
    switch (column.type) {
    case data::FieldType::Category:
        return groupCategories(column, rows);
    case data::FieldType::Boolean:
        return groupBooleans(column, rows);
    case data::FieldType::Number:
        break;
    }
    return groupNumbers(column, rows);
}

std::vector<double> adjustByHolm(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
    std::vector<double> adjusted(p.size());
    double largest = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        largest = std::max(largest, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
        adjusted[order[i]] = largest;
    }
    return adjusted;
}

std::vector<Slice> findSlices(std::span<const GroupedColumn> columns, const RightDecisions& right) {
    const std::uint64_t rows = right.candidate.size();
    const std::uint64_t minimum = std::max<std::uint64_t>(50, rows / 100);
    GroupSums all{.rows = rows};
    for (const std::uint8_t good : right.candidate)
        all.right += good;
    std::vector<Slice> slices;
    std::vector<double> p;
    for (const GroupedColumn& column : columns) {
        std::vector<GroupSums> sums(column.groups.size());
        for (std::size_t i = 0; i < column.ofRow.size(); ++i) {
            if (column.ofRow[i] < 0)
                continue;
            GroupSums& group = sums[static_cast<std::size_t>(column.ofRow[i])];
            ++group.rows;
            group.right += right.candidate[i];
            group.baselineRight += right.baseline.empty() ? 0 : right.baseline[i];
        }
        for (std::size_t g = 0; g < sums.size(); ++g) {
            const GroupSums& group = sums[g];
            if (group.rows < minimum || rows - group.rows < minimum)
                continue;
            const double n = static_cast<double>(group.rows);
            const stats::Interval interval = *stats::wilsonInterval(group.right, group.rows);
            p.push_back(stats::twoShares(group.right, group.rows, all.right - group.right, rows - group.rows)->p);
            slices.push_back({.name = fmt::format("{} {}", column.name, column.groups[g]),
                              .rows = group.rows,
                              .accuracy = static_cast<double>(group.right) / n,
                              .low = interval.low,
                              .high = interval.high,
                              .accuracyElsewhere =
                                  static_cast<double>(all.right - group.right) / static_cast<double>(rows - group.rows),
                              .baselineAccuracy = right.baseline.empty()
                                                      ? std::optional<double>()
                                                      : static_cast<double>(group.baselineRight) / n});
        }
    }
    const std::vector<double> adjusted = adjustByHolm(p);
    for (std::size_t i = 0; i < slices.size(); ++i)
        slices[i].p = adjusted[i];
    std::erase_if(slices, [](const Slice& slice) {
        return slice.p >= kSignificance || slice.accuracy >= slice.accuracyElsewhere;
    });
    std::ranges::stable_sort(slices, {}, &Slice::accuracy);
    slices.resize(std::min(slices.size(), kSlices));
    return slices;
}

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
                                   .accuracy = rate(matrix.truePositives + matrix.trueNegatives, matrix.rows()),
                                   .selectionRate = rate(matrix.predictedPositives(), matrix.rows()),
                                   .truePositiveRate = rate(matrix.truePositives, matrix.positives()),
                                   .falsePositiveRate = rate(matrix.falsePositives, matrix.negatives())});
    }
    fairness.selectionGap = gapOf(fairness, &GroupRates::selectionRate);
    fairness.truePositiveGap = gapOf(fairness, &GroupRates::truePositiveRate);
    fairness.falsePositiveGap = gapOf(fairness, &GroupRates::falsePositiveRate);
    return fairness;
}

} // namespace perch::evaluate
