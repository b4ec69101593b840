#include "core/data/quality/duplicate_check.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace perch::data {

namespace {

constexpr double kSuspiciousShare = 0.05;
constexpr std::uint32_t kFree = 0xFFFFFFFFU;
/// So many rows are looked at together; of more, those whose hashes fall into one part after the other.
constexpr std::size_t kRowsTogether = std::size_t{1} << 22;
constexpr std::size_t kPrefetched = 16;

/// They lie where the table lies.
using Hashes = std::vector<std::uint64_t, ColumnAllocator<std::uint64_t>>;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 29);
}

/// Equal numbers have equal bits: one zero, one NaN.
std::uint64_t bitsOf(double value) {
    if (std::isnan(value))
        return ~std::uint64_t{0};
    return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
}

Hashes rowHashes(const Table& table) {
    Hashes hashes(table.rows, table.columns.size(), table.columns.front().numbers.get_allocator());
    for (const Column& column : table.columns) {
        if (column.type == FieldType::Category) {
            for (std::size_t row = 0; row < table.rows; ++row)
                hashes[row] = mixed(hashes[row], static_cast<std::uint64_t>(column.codes[row] + 1));
        } else {
            for (std::size_t row = 0; row < table.rows; ++row)
                hashes[row] = mixed(hashes[row], bitsOf(column.numbers[row]));
        }
        column.release();
    }
    return hashes;
}

bool areEqual(const Table& table, std::size_t a, std::size_t b) {
    for (const Column& column : table.columns) {
        const bool same = column.type == FieldType::Category ? column.codes[a] == column.codes[b]
                                                             : bitsOf(column.numbers[a]) == bitsOf(column.numbers[b]);
        if (!same)
            return false;
    }
    return true;
}

/// For each row that equals an earlier one, the two of them; in ascending order within a part.
template <typename Found>
void findDuplicates(const Table& table, Found found) {
    const Hashes hashes = rowHashes(table);
    const std::size_t parts = table.rows / kRowsTogether + 1;
    const auto partOf = [&](std::uint32_t row) { return parts == 1 ? 0 : (hashes[row] >> 32) % parts; };
    std::vector<std::size_t> sizes(parts);
    for (std::uint32_t row = 0; row < table.rows; ++row)
        ++sizes[partOf(row)];
    // Open addressing over row numbers: four bytes a slot and no node per row.
    std::vector<std::uint32_t> slots(std::bit_ceil(std::ranges::max(sizes) * 2 + 1));
    const std::size_t mask = slots.size() - 1;
    for (std::size_t part = 0; part < parts; ++part) {
        std::ranges::fill(slots, kFree);
        for (std::uint32_t row = 0; row < table.rows; ++row) {
            if (row + kPrefetched < table.rows)
                __builtin_prefetch(&slots[hashes[row + kPrefetched] & mask]);
            if (partOf(row) != part)
                continue;
            std::size_t slot = hashes[row] & mask;
            while (slots[slot] != kFree && !(hashes[slots[slot]] == hashes[row] && areEqual(table, slots[slot], row)))
                slot = (slot + 1) & mask;
            if (slots[slot] == kFree)
                slots[slot] = row;
            else
                found(row, slots[slot]);
        }
    }
}

} // namespace

QualityCheck checkDuplicates(const Table& table, const spec::QualitySpec& limits) {
    QualityCheck check{.name = "duplicates", .value = 0, .limit = limits.maximumDuplicates};
    if (table.rows == 0 || table.columns.empty()) {
        check.verdict = QualityVerdict::NoData;
        check.value.reset();
        check.sentence = "There are no rows that could be there twice.";
        return check;
    }
    std::uint64_t count = 0;
    std::vector<std::pair<std::size_t, std::size_t>> first;
    findDuplicates(table, [&](std::size_t row, std::size_t earlier) {
        ++count;
        if (first.size() < kQualityCells || row < first.back().first) {
            first.emplace(std::ranges::upper_bound(first, std::pair(row, earlier)), row, earlier);
            first.resize(std::min(first.size(), kQualityCells));
        }
    });
    for (const auto& [row, earlier] : first)
        check.cells.push_back({row + 1, "", fmt::format("equals row {}", earlier + 1)});
    const double share = static_cast<double>(count) / static_cast<double>(table.rows);
    check.value = share;
    if (limits.maximumDuplicates)
        check.verdict = share > *limits.maximumDuplicates ? QualityVerdict::Fail : QualityVerdict::Pass;
    else
        check.verdict = share > kSuspiciousShare ? QualityVerdict::Warn : QualityVerdict::Pass;
    if (count == 0) {
        check.sentence = "No row is there twice.";
        return check;
    }
    const std::string limit =
        limits.maximumDuplicates ? fmt::format(" where {} may", formatPercent(*limits.maximumDuplicates)) : "";
    check.sentence = fmt::format("{} row{} equal{} an earlier one ({} of all{}); row {} {}.", formatCount(count),
                                 count == 1 ? "" : "s", count == 1 ? "s" : "", formatPercent(share), limit,
                                 check.cells.front().row, check.cells.front().text);
    return check;
}

} // namespace perch::data
