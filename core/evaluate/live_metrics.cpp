#include "core/evaluate/live_metrics.h"

#include <algorithm>

namespace perch::evaluate {

namespace {

struct ClassSums {
    std::uint64_t there = 0, answered = 0, right = 0;
};

/// As stats::MulticlassMetric: over the classes that are there or were answered, 0 where nothing is right.
void addMacro(const std::vector<ClassSums>& sums, MetricValues& metrics) {
    double precision = 0, recall = 0, f1 = 0, classes = 0;
    for (const ClassSums& sum : sums) {
        if (sum.there + sum.answered == 0)
            continue;
        const auto right = static_cast<double>(sum.right);
        ++classes;
        precision += sum.answered > 0 ? right / static_cast<double>(sum.answered) : 0;
        recall += sum.there > 0 ? right / static_cast<double>(sum.there) : 0;
        f1 += 2 * right / static_cast<double>(sum.there + sum.answered);
    }
    if (classes == 0)
        return;
    metrics["precision"] = {.value = precision / classes};
    metrics["recall"] = {.value = recall / classes};
    metrics["f1"] = {.value = f1 / classes};
}

} // namespace

LiveMetrics measureLive(std::span<const AnswerCount> counts, const std::vector<std::string>& classes) {
    LiveMetrics live;
    std::vector<ClassSums> sums(classes.size());
    std::uint64_t right = 0;
    for (const AnswerCount& one : counts) {
        const auto truth = std::ranges::find(classes, one.truth), answer = std::ranges::find(classes, one.answer);
        if (truth == classes.end() || answer == classes.end()) {
            live.unknown += one.count;
            continue;
        }
        live.rows += one.count;
        sums[static_cast<std::size_t>(truth - classes.begin())].there += one.count;
        sums[static_cast<std::size_t>(answer - classes.begin())].answered += one.count;
        if (truth == answer) {
            sums[static_cast<std::size_t>(truth - classes.begin())].right += one.count;
            right += one.count;
        }
    }
    live.metrics = {{"accuracy", shareOf(right, live.rows)}, {"precision", {}}, {"recall", {}}, {"f1", {}}};
    if (classes.size() == 2) {
        const ClassSums& positive = sums[1];
        live.metrics["precision"] = shareOf(positive.right, positive.answered);
        live.metrics["recall"] = shareOf(positive.right, positive.there);
        live.metrics["f1"] = f1Of(positive.right, positive.there, positive.answered);
    } else {
        addMacro(sums, live.metrics);
    }
    return live;
}

} // namespace perch::evaluate
