#include "core/evaluate/slice_search.h"

#include "core/stats/intervals.h"
#include "core/stats/share_difference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::evaluate {

namespace {

constexpr std::size_t kSlices = 10;
constexpr std::size_t kPairedFeatures = 12;
constexpr std::uint64_t kFewestRows = 50;
constexpr double kSignificance = 0.05;

} // namespace

struct SliceSearch::Candidate {
    Slice slice;
    const Sums* parents[2] = {nullptr, nullptr}; ///< of a slice of two features
};

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

SliceSearch::SliceSearch(bool shares, std::vector<ColumnGroups> columns, std::span<const std::string> paired)
    : m_shares(shares), m_columns(std::move(columns)) {
    std::vector<std::size_t> chosen;
    for (const std::string& name : paired) {
        const auto found = std::ranges::find(m_columns, name, &ColumnGroups::column);
        if (found != m_columns.end() && chosen.size() < kPairedFeatures)
            chosen.push_back(static_cast<std::size_t>(found - m_columns.begin()));
    }
    for (const ColumnGroups& column : m_columns)
        m_singles.emplace_back(column.names().size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        for (std::size_t j = i + 1; j < chosen.size(); ++j)
            m_pairs.push_back(
                {chosen[i], chosen[j], std::vector<Sums>(m_singles[chosen[i]].size() * m_singles[chosen[j]].size())});
    }
}

void SliceSearch::add(std::span<const std::vector<std::int32_t>> groups, const RowErrors& errors) {
    m_compared = !errors.baseline.empty();
    const auto count = [&](Sums& sums, std::size_t row) {
        const double error = errors.candidate[row];
        ++sums.rows;
        sums.error += error;
        sums.squared += error * error;
        if (m_compared)
            sums.baseline += errors.baseline[row];
    };
    for (std::size_t row = 0; row < errors.candidate.size(); ++row)
        count(m_all, row);
    for (std::size_t c = 0; c < m_singles.size(); ++c) {
        for (std::size_t row = 0; row < errors.candidate.size(); ++row) {
            if (const std::int32_t group = groups[c][row]; group >= 0)
                count(m_singles[c][static_cast<std::size_t>(group)], row);
        }
    }
    for (Pair& pair : m_pairs) {
        const auto width = static_cast<std::int32_t>(m_singles[pair.b].size());
        for (std::size_t row = 0; row < errors.candidate.size(); ++row) {
            const std::int32_t a = groups[pair.a][row], b = groups[pair.b][row];
            if (a >= 0 && b >= 0)
                count(pair.sums[static_cast<std::size_t>(a * width + b)], row);
        }
    }
}

void SliceSearch::consider(const std::string& name, const Sums& sums, std::vector<Candidate>& candidates) const {
    const std::uint64_t fewest = std::max(kFewestRows, m_all.rows / 100);
    const std::uint64_t others = m_all.rows - sums.rows;
    if (sums.rows < fewest || others < fewest)
        return;
    const double n = static_cast<double>(sums.rows), m = static_cast<double>(others);
    const double mean = sums.error / n, otherMean = (m_all.error - sums.error) / m;
    const auto variance = [](double count, double sum, double squared) {
        return std::max(0.0, squared - sum * sum / count) / (count - 1);
    };
    Slice slice{.name = name, .rows = sums.rows};
    slice.metric = m_shares ? "accuracy" : "mae";
    const auto shown = [&](double error) { return m_shares ? 1 - error : error; };
    slice.value = shown(mean);
    slice.elsewhere = shown(otherMean);
    if (m_compared)
        slice.baseline = shown(sums.baseline / n);
    slice.effect = slice.value - slice.elsewhere;
    if (m_shares) {
        const auto right = static_cast<std::uint64_t>(std::llround(n - sums.error));
        const auto otherRight = static_cast<std::uint64_t>(std::llround(m - (m_all.error - sums.error)));
        const stats::Interval own = *stats::wilsonInterval(right, sums.rows);
        slice.low = own.low;
        slice.high = own.high;
        const stats::ShareDifference difference =
            *stats::shareDifference(otherRight, others, right, sums.rows);
        slice.effectLow = difference.interval.low;
        slice.effectHigh = difference.interval.high;
        slice.p = difference.p;
    } else {
        const double own = variance(n, sums.error, sums.squared) / n;
        const double other = variance(m, m_all.error - sums.error, m_all.squared - sums.squared) / m;
        const double half = stats::kNormal95 * std::sqrt(own), effectHalf = stats::kNormal95 * std::sqrt(own + other);
        slice.low = std::max(0.0, slice.value - half);
        slice.high = slice.value + half;
        slice.effectLow = slice.effect - effectHalf;
        slice.effectHigh = slice.effect + effectHalf;
        slice.p = own + other > 0 ? stats::normalTwoSided(slice.effect / std::sqrt(own + other))
                                  : (slice.effect == 0 ? 1 : 0);
    }
    candidates.push_back({.slice = std::move(slice)});
}

bool SliceSearch::isWorse(const Slice& slice, const Sums& than) const {
    const double mean = than.error / static_cast<double>(than.rows);
    return m_shares ? slice.high < 1 - mean : slice.low > mean;
}

std::vector<Slice> SliceSearch::find() const {
    std::vector<Candidate> candidates;
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        for (std::size_t g = 0; g < m_singles[c].size(); ++g)
            consider(fmt::format("{} {}", m_columns[c].column(), m_columns[c].names()[g]), m_singles[c][g], candidates);
    }
    for (const Pair& pair : m_pairs) {
        const ColumnGroups &a = m_columns[pair.a], &b = m_columns[pair.b];
        for (std::size_t i = 0; i < pair.sums.size(); ++i) {
            const std::size_t ofA = i / b.names().size(), ofB = i % b.names().size(), before = candidates.size();
            consider(fmt::format("{} {} and {} {}", a.column(), a.names()[ofA], b.column(), b.names()[ofB]),
                     pair.sums[i], candidates);
            if (candidates.size() > before) {
                candidates.back().parents[0] = &m_singles[pair.a][ofA];
                candidates.back().parents[1] = &m_singles[pair.b][ofB];
            }
        }
    }
    std::vector<double> p;
    for (const Candidate& candidate : candidates)
        p.push_back(candidate.slice.p);
    const std::vector<double> adjusted = adjustByHolm(p);
    std::vector<Slice> slices;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        Slice& slice = candidates[i].slice;
        slice.p = adjusted[i];
        const bool errsMore = m_shares ? slice.effect < 0 : slice.effect > 0;
        const bool newBeyondParents = std::ranges::all_of(
            candidates[i].parents, [&](const Sums* parent) { return parent == nullptr || isWorse(slice, *parent); });
        if (slice.p < kSignificance && errsMore && newBeyondParents)
            slices.push_back(std::move(slice));
    }
    std::ranges::stable_sort(
        slices, [&](const Slice& a, const Slice& b) { return m_shares ? a.value < b.value : a.value > b.value; });
    slices.resize(std::min(slices.size(), kSlices));
    return slices;
}

} // namespace perch::evaluate
