#include "core/stats/binary_bootstrap.h"

#include "core/stats/percentile_interval.h"
#include "core/stats/resampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::size_t kResampledCells = 4'096;
constexpr std::size_t kPairedRows = 20'000;
constexpr std::size_t kPairedCells = 128;

using Counts = std::vector<std::uint64_t>;
using Samples = PerMetric<std::vector<double>>;

std::optional<double> pick(BinaryMetric metric, const ConfusionMatrix& matrix, const RankingMetrics& ranking) {
    switch (metric) {
    case BinaryMetric::Accuracy:
        return accuracy(matrix);
    case BinaryMetric::Precision:
        return precision(matrix);
    case BinaryMetric::Recall:
        return recall(matrix);
    case BinaryMetric::F1:
        return f1(matrix);
    case BinaryMetric::RocAuc:
        return ranking.rocAuc;
    case BinaryMetric::AveragePrecision:
        return ranking.averagePrecision;
    case BinaryMetric::LogLoss:
        return ranking.logLoss;
    case BinaryMetric::Brier:
        return ranking.brier;
    case BinaryMetric::CalibrationError:
        return ranking.calibrationError;
    }
    return std::nullopt;
}

/// What a model's metrics are computed from, for any row counts.
struct Scored {
    ScoreAxis axis;
    std::size_t firstPositive = 0;

    Scored(const ScoreCells& cells, double threshold)
        : axis(cells.axis()), firstPositive(cells.firstPositive(threshold)) {}

    PerMetric<std::optional<double>> metrics(const Counts& negatives, const Counts& positives) const {
        const auto sum = [](const Counts& counts, std::size_t from, std::size_t to) {
            return std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(from),
                                   counts.begin() + static_cast<std::ptrdiff_t>(to), std::uint64_t{0});
        };
        const std::size_t end = axis.size();
        const ConfusionMatrix matrix{.truePositives = sum(positives, firstPositive, end),
                                     .falsePositives = sum(negatives, firstPositive, end),
                                     .trueNegatives = sum(negatives, 0, firstPositive),
                                     .falseNegatives = sum(positives, 0, firstPositive)};
        const RankingMetrics ranking = rankingMetrics(axis, negatives, positives);
        PerMetric<std::optional<double>> values;
        for (std::size_t m = 0; m < kBinaryMetrics; ++m)
            values[m] = pick(static_cast<BinaryMetric>(m), matrix, ranking);
        return values;
    }
};

/// Rows that fall into the same cell of both models and have the same label.
struct JointCell {
    std::uint32_t candidate = 0, baseline = 0;
    std::uint8_t label = 0;
    std::uint64_t rows = 0;
};

std::vector<std::uint32_t> cellOfEachRow(const ScoreCells& cells, std::span<const float> scores) {
    std::vector<std::uint32_t> index;
    index.reserve(scores.size());
    for (const float score : scores) {
        const auto above = std::ranges::upper_bound(cells.lowest(), static_cast<double>(score));
        index.push_back(static_cast<std::uint32_t>(above - cells.lowest().begin() - 1));
    }
    return index;
}

std::vector<JointCell> jointCells(const std::vector<std::uint32_t>& candidate,
                                  const std::vector<std::uint32_t>& baseline, std::span<const std::uint8_t> labels,
                                  bool joined) {
    std::vector<JointCell> cells;
    cells.reserve(joined ? 0 : labels.size());
    std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, std::size_t> known;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const bool label = labels[i] != 0;
        if (joined) {
            const auto [found, fresh] = known.try_emplace({candidate[i], baseline[i], label}, cells.size());
            if (!fresh) {
                ++cells[found->second].rows;
                continue;
            }
        }
        cells.push_back({candidate[i], baseline[i], static_cast<std::uint8_t>(label), 1});
    }
    return cells;
}

struct Resampled {
    Counts counts[2]; ///< per label

    explicit Resampled(std::size_t cells) : counts{Counts(cells), Counts(cells)} {}
    void clear() {
        for (Counts& each : counts)
            std::ranges::fill(each, 0);
    }
};

} // namespace

PerMetric<std::optional<double>> binaryMetrics(const ScoreCells& cells, double threshold) {
    const Counts negatives(cells.negatives().begin(), cells.negatives().end());
    const Counts positives(cells.positives().begin(), cells.positives().end());
    return Scored(cells, threshold).metrics(negatives, positives);
}

Result<PerMetric<std::optional<Interval>>> bootstrapIntervals(const ScoreCells& cells, double threshold,
                                                              const BootstrapOptions& options, std::stop_token stop) {
    const ScoreCells coarse = cells.coarsened(kResampledCells, threshold);
    const Scored scored(coarse, threshold);
    const auto exact = binaryMetrics(cells, threshold);
    const auto point = binaryMetrics(coarse, threshold);
    PoissonSource random(options.seed);
    Samples samples;
    Resampled resampled(coarse.size());
    for (std::uint32_t round = 0; round < options.resamples; ++round) {
        if (stop.stop_requested())
            return resamplingStopped();
        for (std::size_t i = 0; i < coarse.size(); ++i) {
            resampled.counts[0][i] = random.draw(coarse.negatives()[i]);
            resampled.counts[1][i] = random.draw(coarse.positives()[i]);
        }
        const auto values = scored.metrics(resampled.counts[0], resampled.counts[1]);
        for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
            if (values[m])
                samples[m].push_back(*values[m]);
        }
    }
    PerMetric<std::optional<Interval>> intervals;
    for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
        if (!exact[m] || samples[m].size() * 2 <= options.resamples)
            continue;
        const bool centered = static_cast<BinaryMetric>(m) == BinaryMetric::CalibrationError;
        const double center = centered ? meanOf(samples[m]) : *point[m];
        Resamples resamples{.values = std::move(samples[m]), .value = *exact[m], .center = center};
        Interval interval = percentiles(resamples);
        interval.low = std::max(0.0, interval.low);
        if (static_cast<BinaryMetric>(m) != BinaryMetric::LogLoss)
            interval.high = std::min(1.0, interval.high);
        intervals[m] = interval;
    }
    return intervals;
}

Result<PerMetric<std::optional<PairedDifference>>>
bootstrapDifferences(const ScoredRows& candidate, const ScoredRows& baseline, std::span<const std::uint8_t> labels,
                     const BootstrapOptions& options, std::stop_token stop) {
    const bool joined = labels.size() > kPairedRows;
    const std::size_t limit = joined ? kPairedCells : std::numeric_limits<std::size_t>::max();
    const ScoreCells exactCandidate = ScoreCells::exactFrom(candidate.scores, labels);
    const ScoreCells exactBaseline = ScoreCells::exactFrom(baseline.scores, labels);
    const ScoreCells candidateCells = exactCandidate.coarsened(limit, candidate.threshold);
    const ScoreCells baselineCells = exactBaseline.coarsened(limit, baseline.threshold);
    const auto joint = jointCells(cellOfEachRow(candidateCells, candidate.scores),
                                  cellOfEachRow(baselineCells, baseline.scores), labels, joined);

    const Scored scoredCandidate(candidateCells, candidate.threshold),
        scoredBaseline(baselineCells, baseline.threshold);
    Resampled a(candidateCells.size()), b(baselineCells.size());
    PoissonSource random(options.seed);
    Samples samples;
    for (std::uint32_t round = 0; round < options.resamples; ++round) {
        if (stop.stop_requested())
            return resamplingStopped();
        a.clear();
        b.clear();
        for (const JointCell& cell : joint) {
            const std::uint64_t rows = random.draw(cell.rows);
            a.counts[cell.label][cell.candidate] += rows;
            b.counts[cell.label][cell.baseline] += rows;
        }
        const auto ofCandidate = scoredCandidate.metrics(a.counts[0], a.counts[1]);
        const auto ofBaseline = scoredBaseline.metrics(b.counts[0], b.counts[1]);
        for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
            if (ofCandidate[m] && ofBaseline[m])
                samples[m].push_back(*ofCandidate[m] - *ofBaseline[m]);
        }
    }
    const auto exactA = binaryMetrics(exactCandidate, candidate.threshold);
    const auto exactB = binaryMetrics(exactBaseline, baseline.threshold);
    const auto pointA = binaryMetrics(candidateCells, candidate.threshold);
    const auto pointB = binaryMetrics(baselineCells, baseline.threshold);
    PerMetric<std::optional<PairedDifference>> differences;
    for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
        if (!exactA[m] || !exactB[m] || samples[m].size() * 2 <= options.resamples)
            continue;
        Resamples resamples{
            .values = std::move(samples[m]), .value = *exactA[m] - *exactB[m], .center = *pointA[m] - *pointB[m]};
        const double p = signP(resamples);
        differences[m] = PairedDifference{.value = resamples.value, .interval = percentiles(resamples), .p = p};
    }
    return differences;
}

} // namespace perch::stats
