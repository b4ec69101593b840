#include "core/data/quality/single_column_auc.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace perch::data {

namespace {

constexpr std::uint64_t kFewestOfSide = 20;
constexpr std::size_t kMostGroups = 50; // different numbers that may stand for categories

using Rows = std::span<const std::uint32_t>;
using Counts = std::vector<std::uint64_t>; // per class

struct Group {
    std::uint64_t rows = 0;
    Counts ofClass;
};

/// Rows with the same score: how many are of the class, how many are not.
struct Step {
    double score, positives, negatives;
};

bool isEnough(std::uint64_t positives, std::uint64_t rows) {
    return positives >= kFewestOfSide && rows - positives >= kFewestOfSide;
}

/// The classes that are measured: of two, one says all.
std::size_t firstClass(const LabelView& label) {
    return label.classes.size() == 2 ? 1 : 0;
}

void keepBetter(std::optional<SingleColumnAuc>& best, SingleColumnAuc candidate) {
    if (!best || candidate.auc > best->auc)
        best = candidate;
}

/// The share of pairs in which the row of the class has the higher score; ties count half.
double areaUnder(std::vector<Step> steps) {
    std::ranges::sort(steps, {}, &Step::score);
    double pairs = 0, positives = 0, below = 0;
    for (std::size_t i = 0; i < steps.size();) {
        double tiedPositives = 0, tiedNegatives = 0;
        for (const double score = steps[i].score; i < steps.size() && steps[i].score == score; ++i) {
            tiedPositives += steps[i].positives;
            tiedNegatives += steps[i].negatives;
        }
        pairs += tiedPositives * (below + tiedNegatives / 2);
        positives += tiedPositives;
        below += tiedNegatives;
    }
    return pairs / (positives * below);
}

void rankByNumber(const Column& column, const LabelView& label, Rows rows, std::optional<SingleColumnAuc>& best) {
    std::vector<std::pair<double, std::int32_t>> cells;
    Counts counts(label.classes.size());
    for (const std::uint32_t row : rows) {
        if (std::isnan(column.numbers[row]) || label.classOf[row] < 0)
            continue;
        cells.emplace_back(column.numbers[row], label.classOf[row]);
        ++counts[static_cast<std::size_t>(label.classOf[row])];
    }
    std::ranges::sort(cells, {}, &std::pair<double, std::int32_t>::first);
    std::vector<double> rankSums(label.classes.size()); // one sort serves all classes
    for (std::size_t i = 0; i < cells.size();) {
        std::size_t end = i;
        while (end < cells.size() && cells[end].first == cells[i].first)
            ++end;
        const double rank = (static_cast<double>(i + end) + 1) / 2; // the mean one of ties, from 1
        for (; i < end; ++i)
            rankSums[static_cast<std::size_t>(cells[i].second)] += rank;
    }
    for (std::size_t c = firstClass(label); c < counts.size(); ++c) {
        if (!isEnough(counts[c], cells.size()))
            continue;
        const auto positives = static_cast<double>(counts[c]);
        const double negatives = static_cast<double>(cells.size()) - positives;
        const double auc = (rankSums[c] - positives * (positives + 1) / 2) / (positives * negatives);
        keepBetter(best, {SingleColumnAuc::By::Number, std::max(auc, 1 - auc), c});
    }
}

void rankByGroup(const std::vector<Group>& groups, const LabelView& label, SingleColumnAuc::By by,
                 std::optional<SingleColumnAuc>& best) {
    Counts counts(label.classes.size());
    std::uint64_t total = 0;
    for (const Group& group : groups) {
        total += group.rows;
        for (std::size_t c = 0; c < counts.size(); ++c)
            counts[c] += group.ofClass[c];
    }
    for (std::size_t c = firstClass(label); c < counts.size(); ++c) {
        if (!isEnough(counts[c], total))
            continue;
        std::vector<Step> steps;
        for (const Group& group : groups) {
            const auto all = static_cast<double>(group.rows), own = static_cast<double>(group.ofClass[c]);
            if (group.rows == 1) {
                steps.push_back({static_cast<double>(counts[c]) / static_cast<double>(total), own, 1 - own});
            } else if (group.rows > 1) {
                steps.push_back({(own - 1) / (all - 1), own, 0});
                steps.push_back({own / (all - 1), 0, all - own});
            }
        }
        std::erase_if(steps, [](const Step& step) { return step.positives + step.negatives == 0; });
        keepBetter(best, {by, areaUnder(std::move(steps)), c});
    }
}

/// The rows by code; the last group is of the missing ones.
std::vector<Group> groupsOf(const Column& column, const LabelView& label, Rows rows) {
    std::vector<Group> groups(column.categories.size() + 1, {0, Counts(label.classes.size())});
    for (const std::uint32_t row : rows) {
        if (label.classOf[row] < 0)
            continue;
        Group& group = column.codes[row] < 0 ? groups.back() : groups[static_cast<std::size_t>(column.codes[row])];
        ++group.rows;
        ++group.ofClass[static_cast<std::size_t>(label.classOf[row])];
    }
    return groups;
}

/// The rows by number if there are few different ones; empty otherwise.
std::vector<Group> groupsOfNumbers(const Column& column, const LabelView& label, Rows rows) {
    std::map<double, Group> byNumber;
    for (const std::uint32_t row : rows) {
        if (std::isnan(column.numbers[row]) || label.classOf[row] < 0)
            continue;
        Group& group = byNumber.try_emplace(column.numbers[row], 0U, Counts(label.classes.size())).first->second;
        ++group.rows;
        ++group.ofClass[static_cast<std::size_t>(label.classOf[row])];
        if (byNumber.size() > kMostGroups)
            return {};
    }
    std::vector<Group> groups;
    for (auto& [number, group] : byNumber)
        groups.push_back(std::move(group));
    return groups;
}

std::vector<Group> groupsByMissing(const Column& column, const LabelView& label, Rows rows) {
    std::vector<Group> groups(2, {0, Counts(label.classes.size())});
    for (const std::uint32_t row : rows) {
        if (label.classOf[row] < 0)
            continue;
        const bool missing =
            column.type == FieldType::Category ? column.codes[row] < 0 : std::isnan(column.numbers[row]);
        ++groups[missing ? 1 : 0].rows;
        ++groups[missing ? 1 : 0].ofClass[static_cast<std::size_t>(label.classOf[row])];
    }
    return groups;
}

} // namespace

std::optional<SingleColumnAuc> singleColumnAuc(const Column& column, const LabelView& label,
                                               std::span<const std::uint32_t> rows) {
    std::optional<SingleColumnAuc> best;
    if (column.missing > 0)
        rankByGroup(groupsByMissing(column, label, rows), label, SingleColumnAuc::By::Missing, best);
    if (column.type == FieldType::Category) {
        rankByGroup(groupsOf(column, label, rows), label, SingleColumnAuc::By::Category, best);
        return best;
    }
    rankByNumber(column, label, rows, best);
    rankByGroup(groupsOfNumbers(column, label, rows), label, SingleColumnAuc::By::Category, best);
    return best;
}

} // namespace perch::data
