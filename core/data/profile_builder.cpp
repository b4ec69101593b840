#include "core/data/profile_builder.h"

#include "core/base/parallel.h"
#include "core/stats/sorted_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace perch::data {

namespace {

constexpr std::size_t kQuantileSample = 100'000;

/// Deciles of the values as the model reads them; equal ones once. An edge at the largest value would leave the last
/// bin empty.
std::vector<double> quantileEdges(const Column& column, const Rows& rows) {
    std::vector<double> read;
    const std::size_t step = std::max<std::size_t>(1, rows.size() / kQuantileSample);
    for (std::size_t i = 0; i < rows.size(); i += step) {
        if (!std::isnan(column.numbers[rows[i]]))
            read.push_back(toModelNumber(column.numbers[rows[i]]));
    }
    const stats::SortedSample sorted(std::move(read));
    const std::vector<double>& values = sorted.values();
    std::vector<double> edges;
    for (std::size_t k = 1; k < kQuantileBins && !values.empty(); ++k) {
        const double edge = values[(values.size() * k + kQuantileBins - 1) / kQuantileBins - 1];
        if (edge < values.back() && (edges.empty() || edge > edges.back()))
            edges.push_back(edge);
    }
    return edges;
}

std::vector<std::string> numberLabels(const std::vector<double>& edges) {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i <= edges.size(); ++i) {
        const std::string low = i == 0 ? "-inf" : fmt::format("{}", static_cast<float>(edges[i - 1]));
        const std::string high = i == edges.size() ? "+inf)" : fmt::format("{}]", static_cast<float>(edges[i]));
        labels.push_back(fmt::format("({}, {}", low, high));
    }
    labels.emplace_back(kMissingBin);
    return labels;
}

/// As `binOfNumber` of each, some rows at a time and edge by edge, so that many values are compared at once.
void countNumbers(const Column& column, const Rows& rows, FeatureBins& bins) {
    std::array<float, 512> values{};
    std::array<std::uint32_t, values.size()> below{};
    for (std::size_t begin = 0; begin < rows.size(); begin += values.size()) {
        const std::size_t count = std::min(values.size(), rows.size() - begin);
        for (std::size_t i = 0; i < count; ++i)
            values[i] = toModelNumber(column.numbers[rows[begin + i]]);
        below.fill(0);
        for (const double edge : bins.edges) {
            const auto bound = static_cast<float>(edge); // it is one
            for (std::size_t i = 0; i < values.size(); ++i)
                below[i] += bound < values[i] ? 1 : 0;
        }
        for (std::size_t i = 0; i < count; ++i)
            ++bins.counts[std::isnan(values[i]) ? bins.binOfMissing() : below[i]];
    }
}

void countBooleans(const Column& column, const Rows& rows, FeatureBins& bins) {
    for (const std::uint32_t row : rows)
        ++bins.counts[bins.binOfNumber(column.numbers[row])];
}

void fillCategories(const Column& column, const Rows& rows, FeatureBins& bins) {
    std::vector<std::uint64_t> byCode(column.categories.size());
    std::uint64_t missing = 0;
    for (const std::uint32_t row : rows)
        ++(column.codes[row] < 0 ? missing : byCode[static_cast<std::size_t>(column.codes[row])]);
    std::vector<std::size_t> order(byCode.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return byCode[a] > byCode[b]; });
    std::uint64_t other = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i >= kNamedCategories) {
            other += byCode[order[i]];
        } else if (byCode[order[i]] > 0) {
            bins.labels.push_back(categoryBinLabel(column.categories[order[i]]));
            bins.counts.push_back(byCode[order[i]]);
        }
    }
    for (const auto& [label, count] :
         {std::pair(kOtherBin, other), std::pair(kMissingBin, missing), std::pair(kUnseenBin, std::uint64_t{0})}) {
        bins.labels.emplace_back(label);
        bins.counts.push_back(count);
    }
}

FeatureBins binsOf(const Column& column, const Rows& rows) {
    FeatureBins bins{.feature = column.name, .type = column.type};
    if (column.type == FieldType::Category) {
        fillCategories(column, rows, bins);
        return bins;
    }
    if (column.type == FieldType::Number) {
        bins.edges = quantileEdges(column, rows);
        bins.labels = numberLabels(bins.edges);
        bins.counts.resize(bins.labels.size());
        countNumbers(column, rows, bins);
    } else {
        bins.labels = {"false", "true", std::string(kMissingBin)};
        bins.counts.resize(bins.labels.size());
        countBooleans(column, rows, bins);
    }
    return bins;
}

} // namespace

ReferenceProfile buildProfile(const Table& table, const RowTransform& transform, const Rows& rows,
                              std::span<const double> gains) {
    std::vector<std::size_t> order(transform.width());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gains[a] > gains[b]; });
    order.resize(std::min(order.size(), kProfiledFeatures));
    double total = 0;
    for (const std::size_t field : order)
        total += gains[field];
    ReferenceProfile profile{.rows = rows.size()};
    profile.features.resize(order.size());
    inParallel(order.size(), [&](std::size_t i) {
        const Column& column = table.columns[*table.find(transform.fields()[order[i]].name)];
        FeatureBins& bins = profile.features[i];
        bins = binsOf(column, rows);
        column.release();
        bins.importance = total > 0 ? gains[order[i]] / total : 1.0 / static_cast<double>(order.size());
    });
    return profile;
}

} // namespace perch::data
