#include "core/evaluate/evaluate.h"

#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/evaluate/evaluation_json.h"
#include "core/evaluate/evaluation_report.h"
#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/load_predictor.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

struct EvaluateArguments {
    std::string package, model, version, baseline, report;
    std::string data;
    evaluate::EvaluationOptions options;
};

struct LoadedSubject {
    std::unique_ptr<model::Predictor> predictor;
    evaluate::EvaluationSubject subject;
};

Result<LoadedSubject> loadPackage(const model::XgboostLibrary& library, const std::filesystem::path& folder,
                                  const Digest& expected, std::string title) {
    model::Package package = TRY(model::Package::load(folder, expected));
    if (title.empty()) {
        const std::string name = std::filesystem::weakly_canonical(folder).filename().string();
        title = name == package.digest.hex() ? package.digest.shortHex() : name;
    }
    LoadedSubject loaded;
    loaded.predictor = TRY(model::Predictor::create(library, std::move(package)));
    loaded.subject = {std::move(title), loaded.predictor.get()};
    return loaded;
}

Result<LoadedSubject> loadVersion(const Context& context, const model::XgboostLibrary& library,
                                  const std::string& modelName, const std::string& version) {
    const Workspace workspace = TRY(context.workspace());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    const ModelName name = TRY(ModelName::parse(modelName));
    const Version number = TRY(Version::parse(version));
    LoadedSubject loaded;
    loaded.predictor = TRY(registry::loadPredictor(*registry, library, name, number));
    loaded.subject = {number.text(), loaded.predictor.get()};
    return loaded;
}

/// `v7` of the model that was named, otherwise a package folder.
Result<LoadedSubject> loadBaseline(const Context& context, const model::XgboostLibrary& library,
                                   const EvaluateArguments& arguments) {
    const bool looksLikeVersion = arguments.baseline.starts_with('v') && Version::parse(arguments.baseline).has_value();
    if (!arguments.model.empty() && looksLikeVersion)
        return loadVersion(context, library, arguments.model, arguments.baseline);
    return loadPackage(library, arguments.baseline, {}, "");
}

std::string shown(const std::optional<double>& value, const evaluate::MetricDefinition& definition) {
    if (!value)
        return "undefined";
    return definition.share ? formatPercent(*value) : formatDecimal(*value, 3);
}

std::string shownInterval(const evaluate::MetricValue& metric, const evaluate::MetricDefinition& definition) {
    if (!metric.low || !metric.high)
        return "";
    const double scale = definition.share ? 100 : 1;
    return definition.share ? fmt::format("{:.1f}–{:.1f}", *metric.low * scale, *metric.high * scale)
                            : fmt::format("{:.3f}–{:.3f}", *metric.low, *metric.high);
}

void printMetrics(const evaluate::Evaluation& evaluation) {
    for (const evaluate::MetricDefinition& definition : evaluate::metricDefinitions(evaluation.task)) {
        const evaluate::MetricValue& metric = evaluation.candidate.metrics.find(definition.name)->second;
        std::string line = fmt::format("  {:<18} {:>10}  {:<13}", definition.name, shown(metric.value, definition),
                                       shownInterval(metric, definition));
        if (evaluation.baseline && evaluation.comparison) {
            const evaluate::Difference& difference = evaluation.comparison->differences.find(definition.name)->second;
            line += fmt::format(" {:>10}",
                                shown(evaluation.baseline->metrics.find(definition.name)->second.value, definition));
            if (difference.value)
                line +=
                    fmt::format("  {:>10}  p {}",
                                definition.share ? formatPoints(*difference.value) : formatSigned(*difference.value, 3),
                                difference.p ? formatPValue(*difference.p) : "undefined");
        }
        fmt::print("{}\n", line);
    }
}

void printHuman(const evaluate::Evaluation& evaluation) {
    fmt::print("{} {} on {}: {} rows, {} positive ({} = {}), threshold {}\n", evaluation.model.text(),
               evaluation.candidate.title, evaluation.data, formatCount(evaluation.rows),
               formatCount(evaluation.positives), evaluation.label, evaluation.positive,
               formatDecimal(evaluation.candidate.threshold, 2));
    for (const std::string& warning : evaluation.warnings)
        fmt::print("  ! {}\n", warning);
    fmt::print("  {:<18} {:>10}  {:<11}", "", "value", "95 %");
    fmt::print("{}\n", evaluation.baseline ? fmt::format("{:>13}  {:>10}", evaluation.baseline->title, "change") : "");
    printMetrics(evaluation);
    const stats::ConfusionMatrix& matrix = evaluation.candidate.confusion;
    fmt::print("  true positives {}, false positives {}, true negatives {}, false negatives {}\n",
               formatCount(matrix.truePositives), formatCount(matrix.falsePositives), formatCount(matrix.trueNegatives),
               formatCount(matrix.falseNegatives));
    for (const evaluate::Slice& slice : evaluation.slices)
        fmt::print("  weak where {}: accuracy {} against {} elsewhere, {} rows, adjusted p {}\n", slice.name,
                   formatPercent(slice.accuracy), formatPercent(slice.accuracyElsewhere), formatCount(slice.rows),
                   formatPValue(slice.p));
    if (evaluation.fairness) {
        for (const evaluate::GroupRates& group : evaluation.fairness->groups)
            fmt::print("  {} {}: {} rows, predicted positive {}, accuracy {}\n", evaluation.fairness->column,
                       group.group, formatCount(group.rows),
                       group.selectionRate.value ? formatPercent(*group.selectionRate.value) : "undefined",
                       group.accuracy.value ? formatPercent(*group.accuracy.value) : "undefined");
    }
    if (evaluation.comparison)
        fmt::print("verdict: {}. {}\n", evaluate::toString(evaluation.comparison->verdict), evaluation.comparison->reason);
}

Result<int> runEvaluate(const Context& context, const EvaluateArguments& arguments) {
    if (arguments.package.empty() == arguments.model.empty())
        return fail(ErrorCode::InvalidInput, "Name either --package FOLDER or --model NAME with --version vN.");
    if (!arguments.model.empty() && arguments.version.empty())
        return fail(ErrorCode::InvalidInput, "--model {} needs --version vN.", arguments.model);
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedSubject candidate =
        TRY(arguments.package.empty() ? loadVersion(context, *library, arguments.model, arguments.version)
                                      : loadPackage(*library, arguments.package, {}, ""));
    LoadedSubject baseline;
    if (!arguments.baseline.empty())
        baseline = TRY(loadBaseline(context, *library, arguments));
    const evaluate::EvaluationSubject* against = arguments.baseline.empty() ? nullptr : &baseline.subject;
    const evaluate::Evaluation evaluation = TRY(evaluate::evaluateFile(candidate.subject, against, arguments.data,
                                                                 arguments.options, *context.clock, context.stop));

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

} // namespace

void addEvaluateVerb(CLI::App& app) {
    const auto arguments = std::make_shared<EvaluateArguments>();
    CLI::App* verb = addVerb(app, "evaluate", "Measure a model on labelled data, alone or against a baseline",
                             [arguments](const Context& context) { return runEvaluate(context, *arguments); });
    verb->add_option("--package", arguments->package, "Package folder of the candidate");
    verb->add_option("--model", arguments->model, "Registered model, with --version");
    verb->add_option("--version", arguments->version, "Version of the candidate, e.g. v7");
    verb->add_option("--data", arguments->data,
                     "Table with the label: a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or s3://bucket/key")
        ->required();
    verb->add_option("--label", arguments->options.label, "Label column (default: that of the package)");
    verb->add_option("--positive", arguments->options.positive, "Label value that counts as positive");
    verb->add_option("--baseline", arguments->baseline, "Package folder, or version of --model, to compare with");
    verb->add_option("--group", arguments->options.group, "Column whose groups are compared for fairness");
    verb->add_option("--metric", arguments->options.metric, "Metric that decides the comparison")
        ->capture_default_str();
    verb->add_option("--margin", arguments->options.margin, "Loss of it that counts as not worse")
        ->capture_default_str();
    verb->add_option("--report", arguments->report, "Write an HTML report to this file");
}

} // namespace perch::cli
