#include "core/drift/drift.h"

#include "core/base/number_format.h"
#include "core/data/csv_reader.h"
#include "core/data/profile_builder.h"
#include "core/drift/evidently_tests.h"
#include "core/stats/psi.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace perch::drift {

namespace {

constexpr double kColumnPsi = 0.10;

/// The bins of one column, learned from the reference, with its counts.
data::FeatureBins binsOf(const data::Column& column, std::size_t rows, const data::RowTransform& transform) {
    data::Table single;
    single.columns = {column};
    single.rows = rows;
    const std::array<double, 1> gain{1};
    return std::move(data::buildProfile(single, transform, data::allRows(rows), gain).features.front());
}

std::vector<std::uint64_t> countsIn(const data::FeatureBins& bins, const data::RowTransform& transform,
                                    const data::Column& column) {
    std::vector<std::uint64_t> counts(bins.labels.size());
    if (column.type != data::FieldType::Category) {
        for (const double value : column.numbers)
            ++counts[bins.binOfNumber(value)];
        return counts;
    }
    std::vector<std::size_t> binOfCode;
    for (const std::string& category : column.categories)
        binOfCode.push_back(bins.binOfCategory(category, transform.knows(0, category)));
    for (const std::int32_t code : column.codes)
        ++counts[code < 0 ? bins.binOfMissing() : binOfCode[static_cast<std::size_t>(code)]];
    return counts;
}

DriftedColumn measureByPsi(const data::Column& reference, const data::Column& current, bool decided) {
    DriftedColumn column{.name = reference.name, .method = "psi", .threshold = kColumnPsi};
    const data::RowTransform transform(
        {data::Field{.name = reference.name, .type = reference.type, .categories = reference.categories}});
    const data::FeatureBins bins = binsOf(reference, reference.size(), transform);
    column.score = stats::psi(bins.counts, countsIn(bins, transform, current));
    column.effect = column.score ? *column.score / kColumnPsi : -1;
    if (decided && column.score)
        column.drifted = *column.score > kColumnPsi;
    return column;
}

void decideByPsi(DriftReport& report, bool enoughRows) {
    double sum = 0;
    std::uint64_t measured = 0;
    for (const DriftedColumn& column : report.columns) {
        sum += column.score.value_or(0);
        measured += column.score.has_value();
    }
    if (measured > 0)
        report.score = sum / static_cast<double>(measured);
    if (!report.score) {
        report.reason = "No column could be compared.";
    } else if (!enoughRows) {
        report.reason = fmt::format("Undecided: {} reference and {} current rows, a verdict needs {} on both sides.",
                                    formatCount(report.referenceRows), formatCount(report.currentRows),
                                    formatCount(stats::kMinimumDriftRows));
    } else {
        report.drifted = *report.score > report.scoreThreshold;
        report.reason = fmt::format("The mean PSI over {} columns is {} / {}.", measured,
                                    formatDecimal(*report.score, 2), formatDecimal(report.scoreThreshold, 2));
    }
}

void decideByShare(DriftReport& report) {
    if (report.columns.empty()) {
        report.reason = "No column could be compared.";
        return;
    }
    report.drifted = report.share >= report.shareThreshold;
    report.reason = fmt::format("{} of {} columns drift; the data set drifts from {}.", formatPercent(report.share),
                                report.columns.size(), formatPercent(report.shareThreshold, 0));
}

nlohmann::json number(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json flag(const std::optional<bool>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

} // namespace

Result<DriftReport> measureDrift(const data::Table& reference, const data::Table& current, DriftPreset preset) {
    DriftReport report{.preset = preset, .referenceRows = reference.rows, .currentRows = current.rows};
    const bool enoughRows = std::min(report.referenceRows, report.currentRows) >= stats::kMinimumDriftRows;
    for (const data::Column& column : reference.columns) {
        const data::Column& other = *TRY(current.column(column.name));
        if (other.type != column.type)
            return fail(ErrorCode::InvalidInput, "The column {} is a {} in the reference and a {} in {}.", column.name,
                        data::toString(column.type), data::toString(other.type), current.fingerprint.source);
        report.columns.push_back(preset == DriftPreset::Perch ? measureByPsi(column, other, enoughRows)
                                                              : measureAsEvidently(column, other));
    }
    std::ranges::stable_sort(report.columns, std::ranges::greater{}, &DriftedColumn::effect);
    const auto drifted =
        std::ranges::count_if(report.columns, [](const DriftedColumn& column) { return column.drifted == true; });
    if (!report.columns.empty())
        report.share = static_cast<double>(drifted) / static_cast<double>(report.columns.size());
    if (preset == DriftPreset::Perch)
        decideByPsi(report, enoughRows);
    else
        decideByShare(report);
    return report;
}

Result<DriftReport> measureDriftOfFiles(const std::filesystem::path& reference, const std::filesystem::path& current,
                                        DriftPreset preset, const Clock& clock, std::stop_token stop) {
    const data::Table before = TRY(data::readCsv(reference, clock, {}, stop));
    data::CsvOptions reading;
    for (const data::Column& column : before.columns) {
        reading.declared.emplace(column.name, column.type);
        reading.columns.push_back(column.name);
    }
    const data::Table after = TRY(data::readCsv(current, clock, reading, stop));
    return measureDrift(before, after, preset);
}

nlohmann::json toJson(const DriftReport& report) {
    nlohmann::json features = nlohmann::json::array();
    for (const DriftedColumn& column : report.columns)
        features.push_back({{"name", column.name},
                            {"method", column.method},
                            {"score", number(column.score)},
                            {"threshold", column.threshold},
                            {"p", number(column.p)},
                            {"drifted", flag(column.drifted)}});
    nlohmann::json dataset = {{"drifted", flag(report.drifted)}, {"share", report.share}, {"reason", report.reason}};
    if (report.preset == DriftPreset::Perch) {
        dataset["score"] = number(report.score);
        dataset["threshold"] = report.scoreThreshold;
    } else {
        dataset["threshold"] = report.shareThreshold;
    }
    return {{"preset", report.preset == DriftPreset::Perch ? "perch" : "evidently"},
            {"rows", {{"reference", report.referenceRows}, {"current", report.currentRows}}},
            {"dataset", dataset},
            {"features", features}};
}

} // namespace perch::drift
