#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/base/utf8.h"
#include "core/drift/drift_json.h"
#include "core/drift/drift_record.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::cli {

namespace {

struct DriftArguments {
    std::string reference, current, package, against;
    std::filesystem::path out;
    drift::DriftOptions options;
};

std::string verdictWord(const drift::DriftedColumn& column) {
    if (!column.score)
        return column.note;
    return !column.drifted ? "undecided" : *column.drifted ? "drift" : "no drift";
}

std::string shownScore(const drift::DriftedColumn& column) {
    if (!column.score)
        return "";
    if (!column.interval)
        return column.p ? "p " + formatPValue(*column.p) : formatDecimal(*column.score, 3);
    return fmt::format("{} ({}–{})", formatDecimal(*column.score, 3), formatDecimal(column.interval->low, 3),
                       formatDecimal(column.interval->high, 3));
}

/// What people should know of a column beside its verdict.
std::string remarkOf(const drift::DriftedColumn& column) {
    std::vector<std::string> remarks;
    if (column.missingChanged)
        remarks.push_back(fmt::format("missing {}", formatPoints(column.missing->value)));
    if (column.unseen.rows > 0)
        remarks.push_back(fmt::format("{} unseen ({})", formatPercent(column.unseen.share),
                                      shownText(fmt::format("{}", fmt::join(column.unseen.examples, ", ")))));
    if (column.referenceInfinite + column.currentInfinite > 0)
        remarks.push_back(fmt::format("infinite: {} before, {} now", formatCount(column.referenceInfinite),
                                      formatCount(column.currentInfinite)));
    return fmt::format("{}", fmt::join(remarks, ", "));
}

std::string_view roleWord(drift::ColumnRole role) {
    return role == drift::ColumnRole::Feature ? "" : role == drift::ColumnRole::Label ? "label" : "prediction";
}

void printHuman(const drift::DriftReport& report) {
    const bool perch = report.preset == drift::DriftPreset::Perch;
    fmt::print("{} reference rows, {} current rows\n", formatCount(report.referenceRows),
               formatCount(report.currentRows));
    for (const std::string& note : report.notes)
        fmt::print("  ! {}\n", note);
    fmt::print("  {:<28} {:<10} {:<20} {:<22} {:>6}  {:>6}  {}\n", "column", "", "method",
               perch ? "score (95 %)" : "score", "limit", "weight", "verdict");
    for (const drift::DriftedColumn& column : report.columns) {
        const std::string remark = remarkOf(column);
        fmt::print("  {:<28} {:<10} {:<20} {:<22} {:>6}  {:>6}  {}{}\n", shownText(column.name), roleWord(column.role),
                   column.method, shownScore(column), column.score ? formatDecimal(column.threshold, 2) : "",
                   column.importance > 0 ? formatPercent(column.importance) : "", verdictWord(column),
                   remark.empty() ? "" : "; " + remark);
    }
    fmt::print("data set: {}. {}\n",
               !report.drifted   ? "undecided"
               : *report.drifted ? "drift"
                                 : "no drift",
               report.reason);
}

std::string shownShare(const std::optional<double>& share) {
    return share ? formatPercent(*share) : "undefined";
}

void printModel(const drift::ModelDrift& drift) {
    if (drift.against)
        fmt::print("against {}: the scores differ by a PSI of {}, {} on average; {} of the decisions agree\n",
                   drift.against->model, shownScore(drift.against->scores),
                   formatSigned(drift.against->meanDifference, 3), shownShare(drift.against->agreement));
    if (drift.conceptDrift)
        fmt::print("concept: {}. {}\n", drift.conceptDrift->drifted ? "drift" : "no drift", drift.conceptDrift->reason);
    if (drift.accuracy) {
        fmt::print("accuracy by estimate: {} to {}, {}; of it\n", formatPercent(drift.accuracy->reference),
                   formatPercent(drift.accuracy->current), formatPoints(drift.accuracy->change()));
        std::vector<std::pair<double, std::string>> effects;
        for (const auto& [feature, effect] : drift.accuracy->features)
            effects.emplace_back(effect, feature);
        std::ranges::sort(effects);
        for (const auto& [effect, feature] : effects) {
            if (std::abs(effect) >= drift::AccuracyEffects::kLeastShown)
                fmt::print("  {:<28} {:>8}\n", shownText(feature), formatPoints(effect));
        }
        fmt::print("  {:<28} {:>8}\n", "unexplained", formatPoints(drift.accuracy->unexplained()));
    }
    if (!drift.estimate)
        return;
    fmt::print("estimated performance on {} rows without their labels\n", formatCount(drift.estimate->rows));
    fmt::print("  {:<10} {:>10}  {:<13} {:>10}  {:>24}\n", "", "estimated", "95 %", "realized",
               "check: estimated, realized");
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        const auto& metric = drift.estimate->current.metrics[m];
        const std::string interval =
            metric && metric->interval
                ? fmt::format("{:.1f}–{:.1f}", metric->interval->low * 100, metric->interval->high * 100)
                : "";
        fmt::print("  {:<10} {:>10}  {:<13} {:>10}  {:>12} {:>11}\n", stats::kEstimatedMetricNames[m],
                   metric ? formatPercent(metric->value) : "undefined", interval,
                   drift.estimate->realized[m] ? formatPercent(*drift.estimate->realized[m]) : "",
                   drift.estimate->checkEstimated[m] ? formatPercent(*drift.estimate->checkEstimated[m]) : "",
                   drift.estimate->checkRealized[m] ? formatPercent(*drift.estimate->checkRealized[m]) : "");
    }
    fmt::print("  {}\n", drift.estimate->reason);
}

/// The document goes to the terminal, to a file, or to both; a file is replaced in one step.
Result<void> handOver(const Context& context, const DriftArguments& arguments, const nlohmann::json& document) {
    if (!arguments.out.empty())
        TRY(writeFileAtomically(arguments.out,
                                document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
    if (context.json)
        printJson(document);
    return {};
}

using LoadedModel = std::unique_ptr<model::Predictor>;

Result<LoadedModel> loadModel(const model::XgboostLibrary& library, const std::string& folder) {
    return model::Predictor::create(library, TRY(model::Package::load(folder)));
}

Result<int> runWithModel(const Context& context, const DriftArguments& arguments, const drift::DriftReading& reading) {
    if (!arguments.options.columns.empty() || !arguments.options.prediction.empty())
        return fail(ErrorCode::InvalidInput,
                    "--package names the columns and makes the prediction: leave --columns and "
                    "--prediction out.");
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedModel predictor = TRY(loadModel(*library, arguments.package));
    LoadedModel against;
    if (!arguments.against.empty())
        against = TRY(loadModel(*library, arguments.against));
    const Workspace workspace = TRY(context.workspace());
    const drift::DriftRecord record = TRY(drift::recordDrift(
        workspace, {predictor->package().card.model, arguments.package, arguments.reference, arguments.current},
        {.predictor = predictor.get(), .against = against.get(), .againstTitle = arguments.against}, arguments.options,
        reading, context.stop));
    context.endProgress();
    TRY(handOver(context, arguments, drift::toJson(record)));
    const drift::ModelDrift& drift = record.drift;
    if (!context.json) {
        printHuman(drift.report);
        printModel(drift);
    }
    const bool meansOther = drift.conceptDrift && drift.conceptDrift->drifted;
    return drift.report.drifted == true || meansOther ? 1 : 0;
}

Result<int> runDrift(const Context& context, const DriftArguments& arguments) {
    if (!arguments.against.empty() && arguments.package.empty())
        return fail(ErrorCode::InvalidInput, "--against names a second model: name the first with --package.");
    drift::DriftReading reading{.clock = context.clock};
    reading.progress = [&](double share) {
        context.progress(
            fmt::format("Comparing {} with {}: {}", arguments.current, arguments.reference, formatPercent(share, 0)));
    };
    reading.progress(0);
    if (!arguments.package.empty())
        return runWithModel(context, arguments, reading);
    const drift::DriftReport report =
        TRY(drift::measureDriftOfFiles(data::sourceOfPath(arguments.reference), data::sourceOfPath(arguments.current),
                                       arguments.options, reading, context.stop));
    context.endProgress();
    TRY(handOver(context, arguments, drift::toJson(report)));
    if (!context.json)
        printHuman(report);
    return report.drifted == true ? 1 : 0;
}

} // namespace

void addDriftVerb(CLI::App& app) {
    const auto arguments = std::make_shared<DriftArguments>();
    CLI::App* verb = addVerb(app, "drift", "Compare the columns of two tables",
                             [arguments](const Context& context) { return runDrift(context, *arguments); });
    const std::map<std::string, drift::DriftPreset> presets{{"perch", drift::DriftPreset::Perch},
                                                            {"evidently", drift::DriftPreset::Evidently}};
    drift::DriftOptions& options = arguments->options;
    const std::string table = "a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or s3://bucket/key";
    verb->add_option("--reference", arguments->reference, "Table to compare with, e.g. the training data: " + table)
        ->required();
    verb->add_option("--current", arguments->current, "Table to judge")->required();
    verb->add_option("--preset", options.preset,
                     "perch: PSI over the reference's bins with false-discovery control; evidently: its default tests")
        ->transform(CLI::CheckedTransformer(presets))
        ->default_str("perch");
    verb->add_option("--package", arguments->package,
                     "Package folder: weighs its features by importance, compares its scores, tells whether they still "
                     "mean the same (labels in both tables) and estimates accuracy before labels arrive");
    verb->add_option("--against", arguments->against,
                     "A second package folder, to compare its scores with the first's");
    verb->add_option("--columns", options.columns, "Only these columns, separated by commas")->delimiter(',');
    verb->add_option("--label", options.label, "Label column: beside the features, not one of them");
    verb->add_option("--prediction", options.prediction, "Prediction column: beside the features, not one of them");
    verb->add_option("--alpha", options.alpha, "Share of false alarms among the alarms; evidently: level of each test")
        ->check(CLI::Range(1e-9, 0.5))
        ->capture_default_str();
    verb->add_option("--limit", options.limit,
                     "From where the data set drifts: mean PSI (0.15), evidently: share of columns (0.5)")
        ->check(CLI::Range(0.0, 100.0));
    verb->add_option("--out", arguments->out, "Write the report to this file as JSON");
}

} // namespace perch::cli
