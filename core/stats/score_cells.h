#pragma once

#include "core/stats/classification_metrics.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace perch::stats {

/// Scores and labels as counts per score: the bounded memory behind curves, a moved threshold and resampling.
/// Up to `kMaxCells` distinct scores each has a cell of its own and everything is exact; beyond that scores fall onto
/// a grid of `kMaxCells` equal widths on [0, 1], and a threshold counts as the next grid line above it. Cells of parts
/// merge to exactly the cells of the whole. Immutable.
class ScoreCells {
public:
    static constexpr std::size_t kMaxCells = 65'536;

    ScoreCells() = default;
    static ScoreCells from(std::span<const float> scores, std::span<const std::uint8_t> labels);
    /// Without the limit, for metrics that must be exact.
    static ScoreCells exactFrom(std::span<const float> scores, std::span<const std::uint8_t> labels);
    static ScoreCells merge(const ScoreCells& a, const ScoreCells& b);

    bool exact() const { return !m_onGrid; }
    std::size_t size() const { return m_lowest.size(); }
    std::uint64_t rows() const;
    std::span<const double> lowest() const { return m_lowest; }       ///< lower edge of each cell, ascending
    std::span<const double> scoreSums() const { return m_scoreSums; } ///< sum of the scores in each cell
    std::span<const std::uint64_t> negatives() const { return m_negatives; }
    std::span<const std::uint64_t> positives() const { return m_positives; }

    /// First cell that a threshold calls positive; size() if none.
    std::size_t firstPositive(double threshold) const;
    ConfusionMatrix confusionAt(double threshold) const;
    /// Itself, or on the grid if there are more than `kMaxCells`.
    ScoreCells bounded() const { return size() > kMaxCells ? onGrid() : *this; }
    /// From parts that were stored; empty if they are not cells (lengths, order, range).
    static std::optional<ScoreCells> fromParts(bool exact, std::vector<double> lowest, std::vector<double> scoreSums,
                                               std::vector<std::uint64_t> negatives,
                                               std::vector<std::uint64_t> positives);
    /// Mean score of each cell with what depends on it.
    ScoreAxis axis() const;
    RankingMetrics metrics() const;
    /// Neighbouring cells joined until at most about `limit` are left, of about equal row counts; the cell that begins
    /// at the threshold still begins a cell.
    ScoreCells coarsened(std::size_t limit, double threshold) const;
    bool operator==(const ScoreCells&) const = default;

private:
    void append(double lowest, double scoreSum, std::uint64_t negatives, std::uint64_t positives);
    ScoreCells onGrid() const;

    bool m_onGrid = false;
    std::vector<double> m_lowest;
    std::vector<double> m_scoreSums;
    std::vector<std::uint64_t> m_negatives;
    std::vector<std::uint64_t> m_positives;
};

} // namespace perch::stats
