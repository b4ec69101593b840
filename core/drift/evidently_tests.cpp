#include "core/drift/evidently_tests.h"

#include "core/stats/psi.h"
#include "core/stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace perch::drift {

namespace {

constexpr std::size_t kSmallReference = 1'000;
constexpr std::size_t kFewValues = 5;
constexpr double kSignificance = 0.05;
constexpr double kDistance = 0.1;

std::vector<double> presentNumbers(const data::Column& column) {
    std::vector<double> values;
    values.reserve(column.numbers.size());
    std::ranges::copy_if(column.numbers, std::back_inserter(values), [](double value) { return !std::isnan(value); });
    return values;
}

/// Counts of both sides over all values that either holds, in the order of the values.
struct PairedCounts {
    std::vector<std::uint64_t> reference, current;
};

template <typename Key>
PairedCounts pairedCounts(const std::map<Key, std::uint64_t>& reference, const std::map<Key, std::uint64_t>& current) {
    std::map<Key, std::pair<std::uint64_t, std::uint64_t>> joined;
    for (const auto& [value, count] : reference)
        joined[value].first = count;
    for (const auto& [value, count] : current)
        joined[value].second = count;
    PairedCounts counts;
    for (const auto& [value, both] : joined) {
        counts.reference.push_back(both.first);
        counts.current.push_back(both.second);
    }
    return counts;
}

std::map<std::string, std::uint64_t> categoryCounts(const data::Column& column) {
    std::vector<std::uint64_t> ofCode(column.categories.size());
    for (const std::int32_t code : column.codes) {
        if (code >= 0)
            ++ofCode[static_cast<std::size_t>(code)];
    }
    std::map<std::string, std::uint64_t> counts;
    for (std::size_t code = 0; code < ofCode.size(); ++code) {
        if (ofCode[code] > 0)
            counts.emplace(column.categories[code], ofCode[code]);
    }
    return counts;
}

/// Whether both sides together hold more than a few different values.
bool isContinuous(const std::vector<double>& reference, const std::vector<double>& current) {
    std::set<double> values;
    for (const std::vector<double>* side : {&reference, &current}) {
        for (const double value : *side) {
            values.insert(value);
            if (values.size() > kFewValues)
                return true;
        }
    }
    return false;
}

std::map<double, std::uint64_t> valueCounts(const std::vector<double>& values) {
    std::map<double, std::uint64_t> counts;
    for (const double value : values)
        ++counts[value];
    return counts;
}

DriftedColumn byTest(std::string method, const std::optional<stats::TestResult>& test, bool inclusive) {
    DriftedColumn column{.method = std::move(method), .threshold = kSignificance};
    if (!test) {
        column.effect = -1;
        return column;
    }
    column.score = column.p = test->p;
    column.drifted = inclusive ? test->p <= kSignificance : test->p < kSignificance;
    column.effect = std::log(std::max(test->p, 1e-300)) / std::log(kSignificance);
    return column;
}

DriftedColumn byDistance(std::string method, const std::optional<double>& distance) {
    DriftedColumn column{.method = std::move(method), .score = distance, .threshold = kDistance};
    if (distance)
        column.drifted = *distance >= kDistance;
    column.effect = distance ? *distance / kDistance : -1;
    return column;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : counts)
        total += count;
    return total;
}

DriftedColumn measureCounts(const PairedCounts& counts) {
    const std::uint64_t referenceRows = sum(counts.reference), currentRows = sum(counts.current);
    if (referenceRows > kSmallReference)
        return byDistance("jensen_shannon", stats::jensenShannonDistance(counts.reference, counts.current));
    if (counts.reference.size() > 2)
        return byTest("chi_square", stats::chiSquare(counts.reference, counts.current), false);
    if (counts.reference.empty())
        return byTest("z", std::nullopt, false);
    return byTest("z",
                  stats::twoShares(referenceRows - counts.reference[0], referenceRows, currentRows - counts.current[0],
                                   currentRows),
                  false);
}

} // namespace

DriftedColumn measureAsEvidently(const data::Column& reference, const data::Column& current) {
    DriftedColumn column;
    if (reference.type == data::FieldType::Category) {
        column = measureCounts(pairedCounts(categoryCounts(reference), categoryCounts(current)));
    } else {
        const std::vector<double> before = presentNumbers(reference), after = presentNumbers(current);
        if (!isContinuous(before, after))
            column = measureCounts(pairedCounts(valueCounts(before), valueCounts(after)));
        else if (before.size() > kSmallReference)
            column = byDistance("normed_wasserstein", stats::normedWasserstein(before, after));
        else
            column = byTest("ks", stats::kolmogorovSmirnov(before, after), true);
    }
    column.name = reference.name;
    return column;
}

} // namespace perch::drift
