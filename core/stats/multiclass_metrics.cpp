#include "core/stats/multiclass_metrics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace perch::stats {

namespace {

struct ClassCounts {
    std::uint64_t there = 0, answered = 0, right = 0;
};

std::optional<double> macroF1(const std::vector<ClassCounts>& counts) {
    double sum = 0;
    std::size_t classes = 0;
    for (const ClassCounts& count : counts) {
        if (count.there + count.answered == 0)
            continue;
        sum += 2 * static_cast<double>(count.right) / static_cast<double>(count.there + count.answered);
        ++classes;
    }
    return classes == 0 ? std::nullopt : std::optional(sum / static_cast<double>(classes));
}

} // namespace

std::size_t mostProbable(std::span<const float> row) {
    return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

std::optional<MulticlassMetrics> multiclassMetrics(std::span<const float> probabilities, std::size_t classes,
                                                   std::span<const std::uint8_t> labels) {
    if (labels.empty())
        return std::nullopt;
    std::vector<ClassCounts> counts(classes);
    std::uint64_t right = 0;
    double loss = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = probabilities.subspan(i * classes, classes);
        const std::size_t answer = mostProbable(row);
        ++counts[labels[i]].there;
        ++counts[answer].answered;
        if (answer == labels[i]) {
            ++counts[answer].right;
            ++right;
        }
        loss -= std::log(std::clamp(static_cast<double>(row[labels[i]]), 0x1.0p-52, 1.0));
    }
    const auto rows = static_cast<double>(labels.size());
    return MulticlassMetrics{static_cast<double>(right) / rows, macroF1(counts), loss / rows};
}

} // namespace perch::stats
