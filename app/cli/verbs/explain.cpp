#include "app/cli/model_subject.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/data/read_table.h"
#include "core/data/split.h"
#include "core/evaluate/explanation.h"
#include "core/evaluate/importance.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::cli {

namespace {

using nlohmann::json;

struct ExplainArguments {
    SubjectArguments subject;
    std::string data, field, output;
    std::uint64_t row = 0;
    bool global = false;
    std::size_t rows = 2'000;
    std::uint64_t seed = 42;
};

Result<data::Table> readFields(const Context& context, const model::Predictor& predictor, const std::string& data) {
    const data::RowTransform& transform = predictor.package().transform;
    data::ReadOptions reading{.columns = transform.names()};
    for (const data::Field& field : transform.fields())
        reading.declared[field.name] = field.type;
    return data::readTable(data::sourceOfPath(data), {.clock = context.clock, .columns = reading.columns}, reading,
                           context.stop);
}

void printRow(const evaluate::RowExplanation& explanation) {
    constexpr std::size_t kShown = 10;
    fmt::print("row {}: {}score {:.4g}\n", explanation.row, explanation.answer.empty() ? "" : explanation.answer + ", ",
               explanation.score);
    fmt::print("  {:>+10.4f}  expected margin\n", explanation.expected);
    double rest = 0;
    for (std::size_t i = 0; i < explanation.reasons.size(); ++i) {
        const evaluate::Reason& reason = explanation.reasons[i];
        if (i < kShown)
            fmt::print("  {:>+10.4f}  {} = {}\n", reason.contribution, reason.field, reason.text);
        else
            rest += reason.contribution;
    }
    if (explanation.reasons.size() > kShown)
        fmt::print("  {:>+10.4f}  {} other fields\n", rest, explanation.reasons.size() - kShown);
    fmt::print("  {:>+10.4f}  margin\n", explanation.margin);
}

std::string directionText(const evaluate::FeatureImportance& feature) {
    if (!feature.direction)
        return "";
    return *feature.direction > 0.2    ? "higher raises"
           : *feature.direction < -0.2 ? "higher lowers"
                                       : "no one direction";
}

void printImportance(const evaluate::ImportanceResult& importance) {
    fmt::print("mean |SHAP| on {} rows, in units of the margin\n", formatCount(importance.rows));
    for (const evaluate::FeatureImportance& feature : importance.features)
        fmt::print("  {:<28} {:>9.4f}  {:>7}  {}\n", feature.feature, feature.meanShap, formatPercent(feature.share),
                   directionText(feature));
}

void printDependence(const evaluate::PartialDependence& dependence) {
    fmt::print("{}{} over {} rows; 10 % and 90 % of the rows' own curves beside it\n", dependence.field,
               dependence.output.empty() ? "" : fmt::format(", probability of {}", dependence.output),
               formatCount(dependence.rows));
    for (const evaluate::PartialDependence::Point& point : dependence.points)
        fmt::print("  {:<24} {:>10.4g}  {:>10.4g} to {:.4g}\n", point.value, point.mean, point.low, point.high);
    if (dependence.type != data::FieldType::Category)
        fmt::print("  {} of the rows end higher than they begin\n", formatPercent(dependence.risingShare, 0));
}

json importanceJson(const evaluate::ImportanceResult& importance) {
    json features = json::array();
    for (const evaluate::FeatureImportance& feature : importance.features)
        features.push_back({{"feature", feature.feature},
                            {"mean_abs_shap", feature.meanShap},
                            {"share", feature.share},
                            {"direction", feature.direction ? json(*feature.direction) : json(nullptr)}});
    return {{"rows", importance.rows}, {"features", std::move(features)}};
}

Result<int> runExplain(const Context& context, const ExplainArguments& arguments) {
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedSubject loaded = TRY(loadSubject(context, *library, arguments.subject));
    const model::Predictor& predictor = *loaded.predictor;
    const data::Table table = TRY(readFields(context, predictor, arguments.data));
    json document = {{"model", predictor.package().card.model.text()},
                     {"title", loaded.subject.title},
                     {"digest", predictor.package().digest.hex()},
                     {"data", table.fingerprint.source}};
    if (arguments.row > 0) {
        const auto explanation = TRY(evaluate::explainRow(predictor, table, arguments.row));
        document["row"] = evaluate::toJson(explanation);
        if (!context.json)
            printRow(explanation);
    }
    if (!arguments.field.empty()) {
        const auto dependence = TRY(evaluate::partialDependence(predictor, table, arguments.field, arguments.output,
                                                                arguments.rows, arguments.seed, context.stop));
        document["partial_dependence"] = evaluate::toJson(dependence);
        if (!context.json)
            printDependence(dependence);
    }
    if (arguments.global || (arguments.row == 0 && arguments.field.empty())) {
        const auto importance = TRY(evaluate::measureImportance(predictor, table, data::allRows(table.rows),
                                                                arguments.rows, arguments.seed, context.stop));
        document["global"] = importanceJson(importance);
        if (!context.json)
            printImportance(importance);
    }
    if (context.json)
        printJson(document);
    return 0;
}

} // namespace

void addExplainVerb(CLI::App& app) {
    const auto arguments = std::make_shared<ExplainArguments>();
    CLI::App* verb = addVerb(app, "explain", "Say why a model answers as it does: SHAP values and partial dependence",
                             [arguments](const Context& context) { return runExplain(context, *arguments); });
    addSubjectOptions(*verb, arguments->subject);
    verb->add_option("--data", arguments->data,
                     "Table with the model's fields: a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or "
                     "s3://bucket/key")
        ->required();
    verb->add_option("--row", arguments->row, "Explain this row, from 1 without the header");
    verb->add_flag("--global", arguments->global, "Importance of every field (the default)");
    verb->add_option("--partial-dependence", arguments->field,
                     "What the answers would be for other values of this field");
    verb->add_option("--class", arguments->output, "Class of a model with several, for --partial-dependence");
    verb->add_option("--rows", arguments->rows, "Rows drawn for --global and --partial-dependence")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    verb->add_option("--seed", arguments->seed, "Seed of that draw")->capture_default_str();
}

} // namespace perch::cli
