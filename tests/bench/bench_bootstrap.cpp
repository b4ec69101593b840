// The time of 1,000 resamples of all nine binary metrics on 1 M rows, and its standard errors beside those of the plain
// bootstrap over rows. Usage: bench_bootstrap [ROWS] [ROUNDS OF THE ROW BOOTSTRAP]. Exits 1 if a width is off by a
// fifth, or if 1 M rows take 2 s or more.
#include "core/stats/binary_bootstrap.h"
#include "core/stats/resampling.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

using namespace perch::stats;

struct Rows {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

Rows makeRows(std::size_t count) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> unit(0, 1);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        const double score = unit(random) * unit(random);
        rows.scores.push_back(static_cast<float>(score));
        rows.labels.push_back(unit(random) < score ? 1 : 0);
    }
    return rows;
}

/// The plain bootstrap: every row is drawn anew; percentiles of the metrics.
PerMetric<std::vector<double>> rowBootstrap(const Rows& rows, int rounds) {
    PerMetric<std::vector<double>> samples;
    std::mt19937_64 random(2);
    for (int round = 0; round < rounds; ++round) {
        Rows drawn;
        drawn.scores.reserve(rows.scores.size());
        drawn.labels.reserve(rows.labels.size());
        for (std::size_t i = 0; i < rows.scores.size(); ++i) {
            const std::size_t row = random() % rows.scores.size();
            drawn.scores.push_back(rows.scores[row]);
            drawn.labels.push_back(rows.labels[row]);
        }
        const auto values = binaryMetrics(ScoreCells::exactFrom(drawn.scores, drawn.labels), 0.3);
        for (std::size_t m = 0; m < kBinaryMetrics; ++m)
            samples[m].push_back(values[m].value());
    }
    return samples;
}

double deviation(const std::vector<double>& values) {
    double mean = 0, squares = 0;
    for (const double value : values)
        mean += value / static_cast<double>(values.size());
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 200;
    const Rows rows = makeRows(count);
    const auto begin = std::chrono::steady_clock::now();
    const ScoreCells cells = ScoreCells::exactFrom(rows.scores, rows.labels);
    const auto sorted = std::chrono::steady_clock::now();
    const auto intervals = bootstrapIntervals(cells, 0.3, {.resamples = 1'000, .seed = 42}, {});
    const auto end = std::chrono::steady_clock::now();
    if (!intervals)
        return 1;
    const double sorting = std::chrono::duration<double>(sorted - begin).count();
    const double all = std::chrono::duration<double>(end - begin).count();
    std::printf("%zu rows, 1000 resamples of 9 metrics: %.2f s (%.2f s of it sorting)\n", count, all, sorting);
    if (rounds < 2)
        return count >= 1'000'000 && all >= 2 ? 1 : 0;

    constexpr const char* kNames[] = {"accuracy", "precision", "recall",           "f1", "roc_auc", "pr_auc",
                                      "log_loss", "brier",     "calibration_error"};
    const auto plain = std::chrono::steady_clock::now();
    const auto samples = rowBootstrap(rows, rounds);
    const double each = std::chrono::duration<double>(std::chrono::steady_clock::now() - plain).count() / rounds;
    std::printf("the row bootstrap takes %.3f s a resample: 1000 of them %.0f s, %.0f times as long\n", each,
                1'000 * each, 1'000 * each / all);
    bool fits = true;
    std::printf("%-18s %12s %12s %7s   (standard errors; %d rounds of the row bootstrap)\n", "", "cells", "rows",
                "ratio", rounds);
    for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
        const Interval& interval = (*intervals)[m].value();
        const double ours = (interval.high - interval.low) / (2 * kNormal95), theirs = deviation(samples[m]);
        std::printf("%-18s %12.3g %12.3g %7.2f\n", kNames[m], ours, theirs, ours / theirs);
        fits = fits && ours / theirs > 0.8 && ours / theirs < 1.2;
    }
    return fits && (count < 1'000'000 || all < 2) ? 0 : 1;
}
