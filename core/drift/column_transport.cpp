#include "core/drift/column_transport.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

namespace perch::drift {

namespace {

constexpr std::uint64_t kTransportSeed = 42;

std::vector<std::size_t> shuffledRows(std::size_t rows) {
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), 0);
    std::mt19937_64 random(kTransportSeed);
    for (std::size_t i = rows; i > 1; --i) // the standard's shuffle may draw differently elsewhere
        std::swap(order[i - 1], order[random() % i]);
    return order;
}

/// How many of `rows` have each value, for shares of `counts`: largest remainders, so that they add up to `rows`.
std::vector<std::size_t> apportion(const std::vector<std::size_t>& counts, std::size_t rows) {
    const std::size_t total = std::reduce(counts.begin(), counts.end());
    std::vector<std::size_t> parts;
    std::vector<std::pair<std::size_t, std::size_t>> remainders; // (remainder, position)
    std::size_t given = 0;
    for (const std::size_t count : counts) {
        remainders.emplace_back(count * rows % total, parts.size());
        parts.push_back(count * rows / total);
        given += parts.back();
    }
    std::ranges::stable_sort(remainders, std::greater{}, [](const auto& entry) { return entry.first; });
    for (std::size_t i = 0; given < rows; ++i, ++given)
        ++parts[remainders[i].second];
    return parts;
}

/// Gives rows of values that are too frequent the values that are too rare. `values` are positions in `wanted`.
void couple(std::vector<std::size_t>& values, const std::vector<std::size_t>& wanted) {
    std::vector<std::size_t> room = wanted, surplus;
    for (const std::size_t row : shuffledRows(values.size())) {
        if (room[values[row]] > 0)
            --room[values[row]];
        else
            surplus.push_back(row);
    }
    std::size_t value = 0;
    for (const std::size_t row : surplus) {
        while (room[value] == 0)
            ++value;
        values[row] = value;
        --room[value];
    }
}

data::Column moveCategories(const data::Column& current, const data::Column& reference) {
    std::map<std::string, std::size_t> positions;
    for (const data::Column* column : {&current, &reference}) {
        for (const std::string& category : column->categories)
            positions.emplace(category, 0);
    }
    data::Column moved{.name = current.name, .type = current.type};
    for (auto& [category, position] : positions) {
        position = moved.categories.size();
        moved.categories.push_back(category);
    }
    const std::size_t missing = moved.categories.size();
    const auto positionsOf = [&](const data::Column& column) {
        std::vector<std::size_t> values;
        for (const std::int32_t code : column.codes)
            values.push_back(code < 0 ? missing : positions[column.categories[static_cast<std::size_t>(code)]]);
        return values;
    };
    std::vector<std::size_t> counts(missing + 1);
    for (const std::size_t value : positionsOf(reference))
        ++counts[value];
    std::vector<std::size_t> values = positionsOf(current);
    couple(values, apportion(counts, values.size()));
    for (const std::size_t value : values) {
        moved.codes.push_back(value == missing ? -1 : static_cast<std::int32_t>(value));
        moved.missing += value == missing;
    }
    return moved;
}

data::Column moveNumbers(const data::Column& current, const data::Column& reference) {
    std::vector<double> targets;
    for (const double value : reference.numbers) {
        if (!std::isnan(value))
            targets.push_back(value);
    }
    std::ranges::sort(targets);
    // First who has a value at all, then which.
    std::vector<std::size_t> missing;
    for (const double value : current.numbers)
        missing.push_back(std::isnan(value) ? 1 : 0);
    couple(missing, apportion({targets.size(), reference.numbers.size() - targets.size()}, missing.size()));
    // A row that had no value goes to a place by chance, those with one stay in their order around it.
    std::vector<std::size_t> ranked;
    const std::vector<std::size_t> order = shuffledRows(current.numbers.size());
    std::ranges::copy_if(order, std::back_inserter(ranked), [&](std::size_t row) { return missing[row] == 0; });
    std::vector<std::pair<double, std::size_t>> places;
    std::vector<double> known;
    for (const double value : current.numbers) {
        if (!std::isnan(value))
            known.push_back(value);
    }
    std::mt19937_64 random(kTransportSeed);
    for (const std::size_t row : ranked) {
        const double value = current.numbers[row];
        const double place = !std::isnan(value) ? value : known.empty() ? 0 : known[random() % known.size()];
        places.emplace_back(place, row);
    }
    std::ranges::stable_sort(places, std::less{}, [](const auto& entry) { return entry.first; });
    data::Column moved{.name = current.name, .type = current.type};
    moved.numbers.assign(current.numbers.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t rank = 0; rank < places.size(); ++rank)
        moved.numbers[places[rank].second] = targets[rank * targets.size() / places.size()];
    moved.missing = moved.numbers.size() - places.size();
    return moved;
}

} // namespace

data::Column moveToReference(const data::Column& current, const data::Column& reference) {
    return current.type == data::FieldType::Category ? moveCategories(current, reference)
                                                     : moveNumbers(current, reference);
}

} // namespace perch::drift
