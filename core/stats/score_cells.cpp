#include "core/stats/score_cells.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace perch::stats {

void ScoreCells::append(double lowest, double scoreSum, std::uint64_t negatives, std::uint64_t positives) {
    if (!m_lowest.empty() && m_lowest.back() == lowest) {
        m_scoreSums.back() += scoreSum;
        m_negatives.back() += negatives;
        m_positives.back() += positives;
        return;
    }
    m_lowest.push_back(lowest);
    m_scoreSums.push_back(scoreSum);
    m_negatives.push_back(negatives);
    m_positives.push_back(positives);
}

ScoreCells ScoreCells::exactFrom(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    // Sorting pairs is several times faster than sorting an index.
    std::vector<std::pair<float, std::uint8_t>> rows;
    rows.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
        rows.emplace_back(scores[i], labels[i]);
    std::ranges::sort(rows);
    ScoreCells cells;
    for (std::size_t i = 0; i < rows.size();) {
        const float score = rows[i].first;
        std::uint64_t counts[2] = {0, 0};
        for (; i < rows.size() && rows[i].first == score; ++i)
            ++counts[rows[i].second != 0];
        const double value = score;
        cells.append(value, value * static_cast<double>(counts[0] + counts[1]), counts[0], counts[1]);
    }
    return cells;
}

ScoreCells ScoreCells::from(std::span<const float> scores, std::span<const std::uint8_t> labels) {
    return exactFrom(scores, labels).bounded();
}

std::optional<ScoreCells> ScoreCells::fromParts(bool exact, std::vector<double> lowest, std::vector<double> scoreSums,
                                                std::vector<std::uint64_t> negatives,
                                                std::vector<std::uint64_t> positives) {
    const std::size_t size = lowest.size();
    const bool ascending = std::ranges::is_sorted(lowest, std::ranges::less_equal{});
    if (scoreSums.size() != size || negatives.size() != size || positives.size() != size || !ascending)
        return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) {
        if (!std::isfinite(lowest[i]) || !std::isfinite(scoreSums[i]) || negatives[i] + positives[i] == 0)
            return std::nullopt;
    }
    ScoreCells cells;
    cells.m_onGrid = !exact;
    cells.m_lowest = std::move(lowest);
    cells.m_scoreSums = std::move(scoreSums);
    cells.m_negatives = std::move(negatives);
    cells.m_positives = std::move(positives);
    return cells;
}

ScoreCells ScoreCells::onGrid() const {
    ScoreCells grid;
    for (std::size_t i = 0; i < size(); ++i) {
        const double line = std::clamp(m_lowest[i], 0.0, 1.0) * static_cast<double>(kMaxCells);
        const auto cell = std::min(static_cast<std::size_t>(line), kMaxCells - 1);
        grid.append(static_cast<double>(cell) / static_cast<double>(kMaxCells), m_scoreSums[i], m_negatives[i],
                    m_positives[i]);
    }
    grid.m_onGrid = true;
    return grid;
}

ScoreCells ScoreCells::merge(const ScoreCells& a, const ScoreCells& b) {
    const bool toGrid = a.m_onGrid || b.m_onGrid;
    const ScoreCells left = toGrid && !a.m_onGrid ? a.onGrid() : a;
    const ScoreCells right = toGrid && !b.m_onGrid ? b.onGrid() : b;
    ScoreCells merged;
    std::size_t i = 0, j = 0;
    while (i < left.size() || j < right.size()) {
        const bool takeLeft = j == right.size() || (i < left.size() && left.m_lowest[i] <= right.m_lowest[j]);
        const ScoreCells& source = takeLeft ? left : right;
        const std::size_t at = takeLeft ? i++ : j++;
        merged.append(source.m_lowest[at], source.m_scoreSums[at], source.m_negatives[at], source.m_positives[at]);
    }
    merged.m_onGrid = toGrid;
    return merged.bounded();
}

std::uint64_t ScoreCells::rows() const {
    return std::accumulate(m_negatives.begin(), m_negatives.end(), std::uint64_t{0}) +
           std::accumulate(m_positives.begin(), m_positives.end(), std::uint64_t{0});
}

std::size_t ScoreCells::firstPositive(double threshold) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(m_lowest, threshold) - m_lowest.begin());
}

ConfusionMatrix ScoreCells::confusionAt(double threshold) const {
    const auto cut = static_cast<std::ptrdiff_t>(firstPositive(threshold));
    const auto sum = [](auto begin, auto end) { return std::accumulate(begin, end, std::uint64_t{0}); };
    return {.truePositives = sum(m_positives.begin() + cut, m_positives.end()),
            .falsePositives = sum(m_negatives.begin() + cut, m_negatives.end()),
            .trueNegatives = sum(m_negatives.begin(), m_negatives.begin() + cut),
            .falseNegatives = sum(m_positives.begin(), m_positives.begin() + cut)};
}

ScoreAxis ScoreCells::axis() const {
    std::vector<double> means;
    means.reserve(size());
    for (std::size_t i = 0; i < size(); ++i)
        means.push_back(m_scoreSums[i] / static_cast<double>(m_negatives[i] + m_positives[i]));
    return ScoreAxis(std::move(means));
}

RankingMetrics ScoreCells::metrics() const {
    return rankingMetrics(axis(), m_negatives, m_positives);
}

ScoreCells ScoreCells::coarsened(std::size_t limit, double threshold) const {
    if (size() <= limit)
        return *this;
    const std::size_t cut = firstPositive(threshold);
    const std::uint64_t perCell = rows() / limit + 1;
    ScoreCells coarse;
    std::uint64_t inCell = 0;
    double begin = 0;
    for (std::size_t i = 0; i < size(); ++i) {
        if (i == 0 || i == cut || inCell >= perCell) {
            begin = m_lowest[i];
            inCell = 0;
        }
        coarse.append(begin, m_scoreSums[i], m_negatives[i], m_positives[i]);
        inCell += m_negatives[i] + m_positives[i];
    }
    coarse.m_onGrid = true;
    return coarse;
}

} // namespace perch::stats
