#include "core/data/split_kinds.h"

#include "core/data/seeded_random.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace perch::data {

namespace {

std::size_t wanted(const Rows& rows, double share) {
    return std::min(rows.size(), static_cast<std::size_t>(std::ceil(share * static_cast<double>(rows.size()))));
}

} // namespace

Split randomSplit(const Rows& rows, double share, std::uint64_t seed) {
    Rows order = rows;
    SeededRandom random(seed);
    random.shuffle(std::span(order));
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() - wanted(rows, share));
    Split split{Rows(order.begin(), middle), Rows(middle, order.end())};
    std::ranges::sort(split.kept);
    std::ranges::sort(split.cut);
    return split;
}

Result<std::vector<double>> splitKeys(const Table& table, const std::string& name) {
    const Column* column = TRY(table.column(name));
    if (column->missing > 0) {
        Error error = fail(ErrorCode::InvalidInput, "{}: the column \"{}\" of the split is missing in {} rows.",
                           table.fingerprint.source, name, column->missing);
        error.where = name;
        return error;
    }
    if (column->type == FieldType::Category)
        return std::vector<double>(column->codes.begin(), column->codes.end());
    return std::vector<double>(column->numbers.begin(), column->numbers.end());
}

Result<Split> groupSplit(const Rows& rows, std::span<const double> keyOf, double share, std::uint64_t seed) {
    std::map<double, Rows> groups;
    for (const std::uint32_t row : rows)
        groups[keyOf[row]].push_back(row);
    std::vector<const Rows*> order;
    for (const auto& [ignored, members] : groups)
        order.push_back(&members);
    SeededRandom random(seed);
    random.shuffle(std::span(order));
    Split split;
    for (const Rows* members : order) {
        Rows& side = split.cut.size() < wanted(rows, share) ? split.cut : split.kept;
        side.insert(side.end(), members->begin(), members->end());
    }
    if (split.kept.empty())
        return fail(ErrorCode::InvalidInput, "A split by group of {} rows in {} groups leaves no group to train on.",
                    rows.size(), groups.size());
    std::ranges::sort(split.kept);
    std::ranges::sort(split.cut);
    return split;
}

Result<Split> timeSplit(const Rows& rows, std::span<const double> keyOf, double share) {
    Rows order = rows;
    std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return keyOf[row]; });
    const auto sameAsBefore = [&](std::size_t i) { return keyOf[order[i - 1]] == keyOf[order[i]]; };
    std::size_t first = order.size() - wanted(rows, share);
    while (first > 0 && first < order.size() && sameAsBefore(first))
        --first;
    if (first == 0) {
        // The oldest key alone is more than what may be kept: keep it, cut the rest.
        first = 1;
        while (first < order.size() && sameAsBefore(first))
            ++first;
    }
    if (first >= order.size())
        return fail(ErrorCode::InvalidInput, "A split by time needs at least two different times in {} rows.",
                    rows.size());
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(first);
    Split split{Rows(order.begin(), middle), Rows(middle, order.end())};
    std::ranges::sort(split.kept);
    std::ranges::sort(split.cut);
    return split;
}

} // namespace perch::data
