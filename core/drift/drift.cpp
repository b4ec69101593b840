#include "core/drift/drift.h"

#include "core/base/number_format.h"
#include "core/base/parallel.h"
#include "core/drift/evidently_tests.h"
#include "core/drift/perch_column.h"
#include "core/stats/multiple_tests.h"
#include "core/stats/psi.h"

#include <algorithm>
#include <cmath>

namespace perch::drift {

namespace {

constexpr double kModelPsi = 0.15;
constexpr double kColumnShare = 0.5;
constexpr double kMissingPoint = 0.01; // a change of the missing share that is worth a line
constexpr std::size_t kMostThreads = 8;

std::uint64_t infiniteIn(const data::Column& column) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(column.numbers, [](double value) { return std::isinf(value); }));
}

ColumnRole roleOf(const std::string& name, const DriftOptions& options) {
    return name == options.label        ? ColumnRole::Label
           : name == options.prediction ? ColumnRole::Prediction
                                        : ColumnRole::Feature;
}

DriftedColumn measureColumn(const data::Column& reference, const data::Column& current, const DriftOptions& options) {
    DriftedColumn column = options.preset == DriftPreset::Perch ? measureAsPerch(reference, current)
                                                                : measureAsEvidently(reference, current, options.alpha);
    column.name = reference.name;
    column.role = roleOf(column.name, options);
    column.referenceMissing = reference.missing;
    column.currentMissing = current.missing;
    column.missing = stats::shareDifference(reference.missing, reference.size(), current.missing, current.size());
    column.referenceInfinite = infiniteIn(reference);
    column.currentInfinite = infiniteIn(current);
    return column;
}

/// The columns to compare, from both sides.
Result<std::vector<std::pair<const data::Column*, const data::Column*>>>
pairColumns(const data::Table& reference, const data::Table& current, const DriftOptions& options) {
    std::vector<std::pair<const data::Column*, const data::Column*>> pairs;
    for (const std::string& name : options.columns)
        TRY(reference.column(name));
    for (const data::Column& column : reference.columns) {
        const bool wanted =
            options.columns.empty() || std::ranges::find(options.columns, column.name) != options.columns.end();
        if (!wanted && roleOf(column.name, options) == ColumnRole::Feature)
            continue;
        const data::Column& other = *TRY(current.column(column.name));
        const bool comparable =
            other.type == column.type || other.missing == other.size() || column.missing == column.size();
        if (!comparable) {
            Error error =
                fail(ErrorCode::InvalidInput, "The column {} is a {} in the reference and a {} in {}.", column.name,
                     data::toString(column.type), data::toString(other.type), current.fingerprint.source);
            error.where = column.name;
            return error;
        }
        pairs.emplace_back(&column, &other);
    }
    return pairs;
}

/// Adjusts for the number of columns; only then may a column drift.
void judgeColumns(std::vector<DriftedColumn>& columns, double alpha) {
    std::vector<double> p, missing;
    for (const DriftedColumn& column : columns) {
        p.push_back(column.p.value_or(1));
        missing.push_back(column.missing ? column.missing->p : 1);
    }
    const std::vector<double> adjusted = stats::adjustByBenjaminiYekutieli(p);
    const std::vector<double> adjustedMissing = stats::adjustByBenjaminiYekutieli(missing);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        DriftedColumn& column = columns[i];
        if (column.p)
            column.adjustedP = adjusted[i];
        if (column.score)
            column.drifted = *column.score > kColumnPsi && adjusted[i] <= alpha;
        column.missingChanged =
            column.missing && std::abs(column.missing->value) >= kMissingPoint && adjustedMissing[i] <= alpha;
    }
}

/// Shares of importance that add up to 1 over the features that were compared.
void weighColumns(std::vector<DriftedColumn>& columns, const DriftOptions& options) {
    double total = 0;
    for (DriftedColumn& column : columns) {
        if (column.role != ColumnRole::Feature || !column.score)
            continue;
        const auto known = options.importance.find(column.name);
        column.importance = options.importance.empty() ? 1 : known == options.importance.end() ? 0 : known->second;
        total += column.importance;
    }
    for (DriftedColumn& column : columns)
        column.importance = total > 0 ? column.importance / total : 0;
}

void decideByPsi(DriftReport& report, const DriftOptions& options) {
    const bool enoughRows = std::min(report.referenceRows, report.currentRows) >= stats::kMinimumDriftRows;
    double score = 0, half = 0;
    std::uint64_t measured = 0;
    for (DriftedColumn& column : report.columns) {
        if (!enoughRows)
            column.drifted.reset();
        if (column.score && column.interval) {
            column.effect = column.role == ColumnRole::Feature ? column.importance * *column.score : *column.score;
            score += column.importance * *column.score;
            half += column.importance * (column.interval->high - *column.score);
            measured += column.importance > 0;
        }
    }
    if (measured > 0) {
        report.score = score;
        report.interval = stats::Interval{std::max(0.0, score - half), score + half};
    }
    if (!report.score) {
        report.reason = options.importance.empty() ? "No feature could be compared."
                                                   : "No feature that the model uses could be compared.";
    } else if (!enoughRows) {
        report.reason = fmt::format("Undecided: {} reference and {} current rows, a verdict needs {} on both sides.",
                                    formatCount(report.referenceRows), formatCount(report.currentRows),
                                    formatCount(stats::kMinimumDriftRows));
    } else {
        report.drifted = *report.score > report.threshold;
        report.reason =
            fmt::format("The mean PSI over {} {}{} is {} / {}.", measured, measured == 1 ? "feature" : "features",
                        options.importance.empty() ? "" : ", weighted by importance,", formatDecimal(*report.score, 2),
                        formatDecimal(report.threshold, 2));
    }
}

void decideByShare(DriftReport& report, std::uint64_t compared) {
    if (compared == 0) {
        report.reason = "No feature could be compared.";
        return;
    }
    report.drifted = report.share >= report.threshold;
    report.reason = fmt::format("{} of {} {} drift; the data set drifts from {}.", formatPercent(report.share),
                                compared, compared == 1 ? "column" : "columns", formatPercent(report.threshold, 0));
}

} // namespace

Result<std::vector<DriftedColumn>> measureColumns(const data::Table& reference, const data::Table& current,
                                                  const DriftOptions& options) {
    for (const data::Table* table : {&reference, &current}) {
        if (table->rows == 0)
            return fail(ErrorCode::InvalidInput, "{} has no rows.",
                        table->fingerprint.source.empty() ? "A table" : table->fingerprint.source);
    }
    const auto pairs = TRY(pairColumns(reference, current, options));
    std::vector<DriftedColumn> columns(pairs.size());
    inParallel(
        pairs.size(), [&](std::size_t i) { columns[i] = measureColumn(*pairs[i].first, *pairs[i].second, options); },
        kMostThreads);
    return columns;
}

DriftReport concludeDrift(std::vector<DriftedColumn> columns, std::uint64_t referenceRows, std::uint64_t currentRows,
                          const DriftOptions& options) {
    const bool perch = options.preset == DriftPreset::Perch;
    DriftReport report{.preset = options.preset, .referenceRows = referenceRows, .currentRows = currentRows};
    report.threshold = options.limit.value_or(perch ? kModelPsi : kColumnShare);
    report.columns = std::move(columns);
    weighColumns(report.columns, options);
    if (perch) {
        judgeColumns(report.columns, options.alpha);
        decideByPsi(report, options);
    }
    std::uint64_t compared = 0, drifted = 0;
    for (const DriftedColumn& column : report.columns) {
        if (column.role != ColumnRole::Feature)
            continue;
        compared += column.score.has_value();
        drifted += column.drifted == true;
    }
    if (compared > 0)
        report.share = static_cast<double>(drifted) / static_cast<double>(compared);
    if (!perch)
        decideByShare(report, compared);
    std::ranges::stable_sort(report.columns, [](const DriftedColumn& a, const DriftedColumn& b) {
        return std::pair(a.role, -a.effect) < std::pair(b.role, -b.effect);
    });
    return report;
}

Result<DriftReport> measureDrift(const data::Table& reference, const data::Table& current,
                                 const DriftOptions& options) {
    return concludeDrift(TRY(measureColumns(reference, current, options)), reference.rows, current.rows, options);
}

} // namespace perch::drift
