#include "app/cli/evaluation_output.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/base/parse_number.h"
#include "core/evaluate/evaluation_json.h"
#include "core/evaluate/evaluation_report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

using evaluate::Evaluation;
using evaluate::MetricDefinition;
using evaluate::MetricValue;

std::string shown(const std::optional<double>& value, const MetricDefinition& definition) {
    return value ? evaluate::metricText(definition, *value) : "undefined";
}

std::string shownInterval(const MetricValue& metric, const MetricDefinition& definition) {
    if (!metric.low || !metric.high)
        return "";
    return evaluate::bareMetricText(definition, *metric.low) + "–" + evaluate::bareMetricText(definition, *metric.high);
}

std::string shownShare(const MetricValue& metric) {
    return metric.value ? formatPercent(*metric.value) : "undefined";
}

void printMetrics(const Evaluation& evaluation) {
    for (const MetricDefinition& definition : evaluate::metricDefinitions(evaluation.task)) {
        const MetricValue& metric = evaluation.candidate.metrics.find(definition.name)->second;
        std::string line = fmt::format("  {:<18} {:>10}  {:<13}", definition.name, shown(metric.value, definition),
                                       shownInterval(metric, definition));
        if (evaluation.baseline && evaluation.comparison) {
            const evaluate::Difference& difference = evaluation.comparison->differences.find(definition.name)->second;
            line += fmt::format(" {:>10}",
                                shown(evaluation.baseline->metrics.find(definition.name)->second.value, definition));
            if (difference.value)
                line += fmt::format("  {:>10}  p {}", evaluate::changeText(definition, *difference.value),
                                    difference.p ? formatPValue(*difference.p) : "undefined");
        }
        fmt::print("{}\n", line);
    }
}

void printMatrix(const stats::ConfusionMatrix& matrix) {
    fmt::print("  true positives {}, false positives {}, true negatives {}, false negatives {}\n",
               formatCount(matrix.truePositives), formatCount(matrix.falsePositives), formatCount(matrix.trueNegatives),
               formatCount(matrix.falseNegatives));
}

void printClasses(const evaluate::ClassResult& result) {
    for (const evaluate::ClassRates& one : result.classes)
        fmt::print("  {}: {} rows, precision {}, recall {}, F1 {}, ROC AUC {}\n", one.name, formatCount(one.rows),
                   shownShare(one.precision), shownShare(one.recall),
                   one.f1.value ? formatDecimal(*one.f1.value, 3) : "undefined",
                   one.rocAuc.value ? formatDecimal(*one.rocAuc.value, 3) : "undefined");
}

void printSlices(const Evaluation& evaluation) {
    for (const evaluate::Slice& slice : evaluation.slices) {
        const bool share = slice.metric == "accuracy";
        const auto value = [&](double v) { return share ? formatPercent(v) : fmt::format("{:.4g}", v); };
        fmt::print("  weak where {}: {} {} against {} elsewhere, {} rows, adjusted p {}\n", slice.name,
                   share ? "accuracy" : "mean absolute error", value(slice.value), value(slice.elsewhere),
                   formatCount(slice.rows), formatPValue(slice.p));
    }
}

void printFairness(const evaluate::Fairness& fairness) {
    for (const evaluate::GroupRates& group : fairness.groups) {
        if (group.rows < fairness.minimumRows)
            fmt::print("  {} {}: {} rows, no data (under {})\n", fairness.column, group.group, formatCount(group.rows),
                       fairness.minimumRows);
        else
            fmt::print("  {} {}: {} rows, predicted positive {}, accuracy {}\n", fairness.column, group.group,
                       formatCount(group.rows), shownShare(group.selectionRate), shownShare(group.accuracy));
    }
    const auto gap = [](const std::optional<double>& value) {
        return value ? formatDecimal(*value, 3) : std::string("no data");
    };
    if (fairness.accuracy.value)
        fmt::print("  accuracy gap {}\n", gap(fairness.accuracy.value));
    else
        fmt::print("  demographic parity gap {}, equal opportunity gap {}, equalized odds {}; bias score {} / {:g}\n",
                   gap(fairness.selection.value), gap(fairness.truePositive.value), gap(fairness.equalizedOdds),
                   gap(fairness.biasScore), evaluate::kBiasLimit);
}

void printThresholds(const Evaluation& evaluation) {
    for (const evaluate::ThresholdChoice& choice : evaluation.thresholds) {
        if (!choice.threshold) {
            fmt::print("  threshold for {}: none reaches it on these rows\n", choice.rule);
            continue;
        }
        const auto at = [&](const char* name) { return choice.metrics.find(name)->second; };
        fmt::print("  threshold for {}: {}: precision {}, recall {}, F1 {}\n", choice.rule,
                   formatDecimal(*choice.threshold, 4), shownShare(at("precision")), shownShare(at("recall")),
                   at("f1").value ? formatDecimal(*at("f1").value, 3) : "undefined");
    }
}

void printImportance(const evaluate::EvaluatedModel& model) {
    constexpr std::size_t kShown = 5;
    if (model.importance.empty())
        return;
    std::vector<std::string> parts;
    for (const evaluate::FeatureImportance& feature : model.importance) {
        if (parts.size() < kShown && feature.share > 0)
            parts.push_back(fmt::format("{} {}", feature.feature, formatPercent(feature.share, 0)));
    }
    fmt::print("  mean |SHAP| on {} rows: {}\n", formatCount(model.importanceRows), fmt::join(parts, ", "));
}

std::string headOf(const Evaluation& evaluation) {
    const std::string rows = fmt::format("{} {} on {}: {} rows", evaluation.model.text(), evaluation.candidate.title,
                                         evaluation.data, formatCount(evaluation.rows));
    if (evaluation.task == model::Task::Binary)
        return fmt::format("{}, {} positive ({} = {}), threshold {}", rows, formatCount(evaluation.positives),
                           evaluation.label, evaluation.positive, formatDecimal(evaluation.candidate.threshold, 2));
    if (evaluation.task == model::Task::MultiClass)
        return fmt::format("{}, {} in {} classes", rows, evaluation.label,
                           evaluation.candidate.classes->classes.size());
    const stats::Tolerance& tolerance = evaluation.candidate.errors->tolerance;
    return fmt::format("{}, {}, tolerance {:g}{}", rows, evaluation.label,
                       tolerance.relative ? tolerance.value * 100 : tolerance.value, tolerance.relative ? " %" : "");
}

void printHuman(const Evaluation& evaluation) {
    fmt::print("{}\n", headOf(evaluation));
    for (const std::string& warning : evaluation.warnings)
        fmt::print("  ! {}\n", warning);
    fmt::print("  {:<18} {:>10}  {:<11}", "", "value", "95 %");
    fmt::print("{}\n", evaluation.baseline ? fmt::format("{:>13}  {:>10}", evaluation.baseline->title, "change") : "");
    printMetrics(evaluation);
    if (evaluation.task == model::Task::Binary)
        printMatrix(evaluation.candidate.confusion);
    if (evaluation.candidate.classes)
        printClasses(*evaluation.candidate.classes);
    printThresholds(evaluation);
    printImportance(evaluation.candidate);
    printSlices(evaluation);
    if (evaluation.fairness)
        printFairness(*evaluation.fairness);
    if (evaluation.comparison)
        fmt::print("verdict: {}. {}\n", evaluate::toString(evaluation.comparison->verdict),
                   evaluation.comparison->reason);
}

std::optional<double> notNegative(std::string_view text) {
    const std::optional<double> value = parseFinite(text);
    return value && *value >= 0 ? value : std::nullopt;
}

/// `10%` or `2500`
Result<stats::Tolerance> parseTolerance(const std::string& text) {
    const bool relative = text.ends_with('%');
    const std::optional<double> value = notNegative(std::string_view(text).substr(0, text.size() - (relative ? 1 : 0)));
    if (!value)
        return fail(ErrorCode::InvalidInput, "--tolerance {} is neither a share such as 10% nor a number.", text);
    return stats::Tolerance{relative ? *value / 100 : *value, relative};
}

/// `20:1`
Result<std::pair<double, double>> parseCosts(const std::string& text) {
    const std::size_t colon = text.find(':');
    const auto missed = notNegative(std::string_view(text).substr(0, colon));
    const auto alarm =
        colon == std::string::npos ? std::nullopt : notNegative(std::string_view(text).substr(colon + 1));
    if (!missed || !alarm || *missed + *alarm <= 0)
        return fail(
            ErrorCode::InvalidInput,
            "--threshold-cost {} is not MISSED:ALARM, e.g. 20:1 if a missed positive costs twenty false alarms.", text);
    return std::pair(*missed, *alarm);
}

} // namespace

void addEvaluationOptions(CLI::App& verb, EvaluationArguments& arguments) {
    verb.add_option(
        "--data", arguments.data,
        "Table with the label: a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or s3://bucket/key");
    verb.add_option("--label", arguments.options.label, "Label column (default: that of the package)");
    verb.add_option("--positive", arguments.options.positive, "Label value that counts as positive");
    verb.add_option("--group", arguments.options.group, "Column whose groups are compared for fairness");
    verb.add_option("--metric", arguments.options.metric,
                    "Metric that decides the comparison (default: f1, macro_f1 or mae)");
    verb.add_option("--margin", arguments.options.margin,
                    "Loss of it that counts as not worse; of an error, as a share of the baseline's")
        ->capture_default_str();
    verb.add_option(
        "--tolerance", arguments.tolerance,
        "Regression: how far off is within tolerance, 10% or 2500 (default: what the model declares, else 10%)");
    verb.add_option("--threshold-cost", arguments.costs,
                    "Find the cheapest threshold for MISSED:ALARM, the costs of a missed positive and a false alarm");
    verb.add_option("--target-precision", arguments.options.targetPrecision,
                    "Find the threshold with the most recall at this precision")
        ->check(CLI::Range(0.0, 1.0));
    verb.add_option("--target-recall", arguments.options.targetRecall, "Find the highest threshold with this recall")
        ->check(CLI::Range(0.0, 1.0));
    verb.add_option("--report", arguments.report, "Write an HTML report to this file");
}

Result<int> evaluateAndPrint(const Context& context, const EvaluationArguments& arguments,
                             const evaluate::EvaluationSubject& candidate,
                             const evaluate::EvaluationSubject* baseline) {
    evaluate::EvaluationOptions options = arguments.options;
    if (!arguments.tolerance.empty())
        options.tolerance = TRY(parseTolerance(arguments.tolerance));
    if (!arguments.costs.empty())
        options.costs = TRY(parseCosts(arguments.costs));
    options.progress = [&](double share, std::uint64_t rows) {
        context.progress(share > 0 ? fmt::format("Scored {} rows, {}", formatCount(rows), formatPercent(share, 0))
                                   : fmt::format("Scored {} rows", formatCount(rows)));
    };
    Result<Evaluation> evaluated =
        evaluate::evaluateFile(candidate, baseline, arguments.data, options, *context.clock, context.stop);
    context.endProgress();
    const Evaluation evaluation = TRY(std::move(evaluated));
    if (!arguments.report.empty())
        TRY(writeFileAtomically(arguments.report, evaluate::makeReport(evaluation)));
    const Workspace workspace = TRY(context.workspace());
    TRY(evaluate::storeEvaluation(workspace, evaluation));
    if (context.json)
        printJson(evaluate::toJson(evaluation, evaluate::WithCells::No));
    else
        printHuman(evaluation);
    return evaluation.comparison && evaluation.comparison->verdict == evaluate::Verdict::Worse ? 1 : 0;
}

} // namespace perch::cli
