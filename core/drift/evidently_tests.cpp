#include "core/drift/evidently_tests.h"

#include "core/stats/psi.h"
#include "core/stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace perch::drift {

namespace {

constexpr std::size_t kSmallReference = 1'000;
constexpr std::size_t kFewValues = 5;
constexpr std::size_t kWholeCategories = 10;
constexpr double kDistance = 0.1;

enum class Kind { Numerical, Categorical, Text, Unknown };

/// Counts of both sides over all values that either holds, in the order of the values.
struct PairedCounts {
    std::vector<std::uint64_t> reference, current;
};

PairedCounts pairedCategories(const data::Column& reference, const data::Column& current) {
    std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> joined;
    const auto count = [&](const data::Column& column, auto member) {
        std::vector<std::uint64_t> ofCode(column.categories.size());
        for (const std::int32_t code : column.codes) {
            if (code >= 0)
                ++ofCode[static_cast<std::size_t>(code)];
        }
        for (std::size_t code = 0; code < ofCode.size(); ++code) {
            if (ofCode[code] > 0)
                joined[column.categories[code]].*member = ofCode[code];
        }
    };
    using Both = std::pair<std::uint64_t, std::uint64_t>;
    count(reference, &Both::first);
    count(current, &Both::second);
    PairedCounts counts;
    for (const auto& [value, both] : joined) {
        counts.reference.push_back(both.first);
        counts.current.push_back(both.second);
    }
    return counts;
}

/// Different values of a column as long as they are few: a list is then quicker than a map.
class FewValues {
public:
    explicit FewValues(std::size_t most) : m_most(most) {}

    /// False once there are more than `most`.
    bool add(std::span<const double> values) {
        for (const double value : values) {
            if (find(value) == m_values.size()) {
                if (m_values.size() == m_most)
                    return false;
                m_values.push_back(value);
            }
        }
        return true;
    }
    std::vector<std::uint64_t> counts(std::span<const double> values) const {
        std::vector<std::uint64_t> counts(m_values.size());
        for (const double value : values)
            ++counts[find(value)];
        return counts;
    }
    void sort() { std::ranges::sort(m_values); }

private:
    std::size_t find(double value) const {
        return static_cast<std::size_t>(std::ranges::find(m_values, value) - m_values.begin());
    }
    std::size_t m_most;
    std::vector<double> m_values;
};

/// Nothing if both sides together hold more than `most` different values.
std::optional<PairedCounts> pairedNumbers(std::span<const double> reference, std::span<const double> current,
                                          std::size_t most) {
    FewValues few(most);
    if (!few.add(reference) || !few.add(current))
        return std::nullopt;
    few.sort();
    return PairedCounts{few.counts(reference), few.counts(current)};
}

/// The same however many values there are.
PairedCounts pairedValues(const stats::SortedSample& reference, const stats::SortedSample& current) {
    PairedCounts counts;
    const std::vector<double>&a = reference.values(), &b = current.values();
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        const double value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t firstA = i, firstB = j;
        while (i < a.size() && a[i] == value)
            ++i;
        while (j < b.size() && b[j] == value)
            ++j;
        counts.reference.push_back(i - firstA);
        counts.current.push_back(j - firstB);
    }
    return counts;
}

Kind kindOf(const data::Column& column) {
    if (column.type == data::FieldType::Boolean)
        return column.missing > 0 ? Kind::Unknown : Kind::Categorical;
    if (column.type == data::FieldType::Number) {
        FewValues few(kWholeCategories);
        return column.whole && few.add(column.numbers) ? Kind::Categorical : Kind::Numerical;
    }
    const std::uint64_t present = column.size() - column.missing;
    std::vector<bool> occurs(column.categories.size());
    for (const std::int32_t code : column.codes) {
        if (code >= 0)
            occurs[static_cast<std::size_t>(code)] = true;
    }
    return static_cast<std::uint64_t>(std::ranges::count(occurs, true)) * 2 > present ? Kind::Text : Kind::Categorical;
}

DriftedColumn byTest(std::string method, const std::optional<stats::TestResult>& test, double alpha, bool inclusive) {
    DriftedColumn column{.method = std::move(method), .threshold = alpha};
    column.score = column.p = test->p;
    column.drifted = inclusive ? test->p <= alpha : test->p < alpha;
    column.effect = std::log(std::max(test->p, 1e-300)) / std::log(alpha);
    return column;
}

DriftedColumn byDistance(std::string method, const std::optional<double>& distance) {
    DriftedColumn column{.method = std::move(method), .score = distance, .threshold = kDistance};
    column.drifted = *distance >= kDistance;
    column.effect = *distance / kDistance;
    return column;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// Both sides have rows.
DriftedColumn measureCounts(const PairedCounts& counts, double alpha) {
    const std::uint64_t referenceRows = sum(counts.reference), currentRows = sum(counts.current);
    if (referenceRows > kSmallReference)
        return byDistance("jensen_shannon", stats::jensenShannonDistance(counts.reference, counts.current));
    if (counts.reference.size() > 2)
        return byTest("chi_square", stats::chiSquare(counts.reference, counts.current), alpha, false);
    return byTest("z",
                  stats::twoShares(referenceRows - counts.reference[0], referenceRows, currentRows - counts.current[0],
                                   currentRows),
                  alpha, false);
}

DriftedColumn notCompared(std::string note) {
    DriftedColumn column{.effect = -1, .note = std::move(note)};
    return column;
}

DriftedColumn measureNumbers(const data::Column& reference, const data::Column& current, Kind kind, double alpha) {
    std::vector<double> before = reference.finiteNumbers(), after = current.finiteNumbers();
    if (before.empty() || after.empty())
        return notCompared(fmt::format("The {} has no values.", before.empty() ? "reference" : "current table"));
    if (const auto counts = pairedNumbers(before, after, kind == Kind::Categorical ? kWholeCategories : kFewValues))
        return measureCounts(*counts, alpha);
    const bool small = before.size() <= kSmallReference;
    const stats::SortedSample a(std::move(before)), b(std::move(after));
    if (kind == Kind::Categorical)
        return measureCounts(pairedValues(a, b), alpha);
    return small ? byTest("ks", stats::kolmogorovSmirnov(a, b), alpha, true)
                 : byDistance("normed_wasserstein", stats::normedWasserstein(a, b));
}

DriftedColumn measureCategories(const data::Column& reference, const data::Column& current, double alpha) {
    const PairedCounts counts = pairedCategories(reference, current);
    if (sum(counts.reference) == 0 || sum(counts.current) == 0)
        return notCompared(
            fmt::format("The {} has no values.", sum(counts.reference) == 0 ? "reference" : "current table"));
    return measureCounts(counts, alpha);
}

} // namespace

DriftedColumn measureAsEvidently(const data::Column& reference, const data::Column& current, double alpha) {
    const Kind kind = kindOf(current);
    if (kind == Kind::Unknown)
        return notCompared("Truth values with gaps: Evidently leaves them out.");
    if (reference.type == data::FieldType::Category && current.type == data::FieldType::Category) {
        if (kind == Kind::Text && current.missing < current.size())
            return notCompared(
                "Free text: more than half of the values differ, for which Evidently trains a text model.");
        return measureCategories(reference, current, alpha);
    }
    if (reference.type != current.type)
        return notCompared(fmt::format("The {} has no values.",
                                       reference.missing == reference.size() ? "reference" : "current table"));
    return measureNumbers(reference, current, kind, alpha);
}

} // namespace perch::drift
