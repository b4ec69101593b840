#include "core/data/quality/duplicate_check.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"

#include <bit>
#include <cmath>

namespace perch::data {

namespace {

constexpr double kSuspiciousShare = 0.05;
constexpr std::uint32_t kFree = 0xFFFFFFFFU;

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

std::vector<std::uint64_t> rowHashes(const Table& table) {
    std::vector<std::uint64_t> hashes(table.rows, table.columns.size());
    for (const Column& column : table.columns) {
        for (std::size_t row = 0; row < table.rows; ++row) {
            const std::uint64_t cell = column.type == FieldType::Category
                                           ? static_cast<std::uint64_t>(column.codes[row] + 1)
                                           : bitsOf(column.numbers[row]);
            hashes[row] = mixed(hashes[row], cell);
        }
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

/// For each row that equals an earlier one, the two of them.
template <typename Found>
void findDuplicates(const Table& table, Found found) {
    const std::vector<std::uint64_t> hashes = rowHashes(table);
    // Open addressing over row numbers: four bytes a slot and no node per row.
    std::vector<std::uint32_t> slots(std::bit_ceil(table.rows * 2 + 1), kFree);
    const std::size_t mask = slots.size() - 1;
    for (std::uint32_t row = 0; row < table.rows; ++row) {
        std::size_t slot = hashes[row] & mask;
        while (slots[slot] != kFree && !(hashes[slots[slot]] == hashes[row] && areEqual(table, slots[slot], row)))
            slot = (slot + 1) & mask;
        if (slots[slot] == kFree)
            slots[slot] = row;
        else
            found(row, slots[slot]);
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
    findDuplicates(table, [&](std::size_t row, std::size_t earlier) {
        ++count;
        if (check.cells.size() < kQualityCells)
            check.cells.push_back({row + 1, "", fmt::format("equals row {}", earlier + 1)});
    });
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
