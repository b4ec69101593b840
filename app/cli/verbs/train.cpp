#include "core/model/train.h"

#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/data/csv_reader.h"
#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/publish_package.h"
#include "core/spec/model_spec.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <iostream>
#include <memory>

namespace perch::cli {

namespace {

/// What the command line says; empty or absent means what perch.yaml or the defaults say.
struct TrainOptions {
    std::filesystem::path data, out, config;
    std::string label, positive, model, cost;
    std::vector<std::string> ignored;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint32_t> rounds, threads;
    std::optional<double> threshold;
    bool impute = false;
};

/// What became of the training.
struct Verdict {
    std::optional<bool> accepted;     ///< nothing: undecided
    std::vector<std::string> reasons; ///< for people
};

Result<void> parseCost(const std::string& text, spec::ThresholdSpec& threshold) {
    const std::size_t colon = text.find(':');
    const std::string_view parts[] = {std::string_view(text).substr(0, colon),
                                      colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1)};
    double* const costs[] = {&threshold.falseNegativeCost, &threshold.falsePositiveCost};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto [end, error] = std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), *costs[i]);
        if (error != std::errc() || end != parts[i].data() + parts[i].size() || !(*costs[i] > 0))
            return fail(ErrorCode::InvalidInput,
                        "--cost {} is not two costs above 0 like 20:1 (missed positive : false alarm).", text);
    }
    threshold.rule = spec::ThresholdSpec::Rule::Cost;
    return {};
}

/// perch.yaml if one is given, and the command line over it.
Result<spec::ModelSpec> specOf(const TrainOptions& options) {
    spec::ModelSpec spec;
    if (!options.config.empty()) {
        spec = TRY(spec::loadModelSpec(options.config));
        if (!spec.data.empty() && spec.data.is_relative())
            spec.data = options.config.parent_path() / spec.data;
    }
    if (!options.model.empty())
        spec.name = TRY(ModelName::parse(options.model));
    if (!options.data.empty())
        spec.data = options.data;
    if (!options.label.empty()) {
        spec.label = options.label;
        spec.positive.clear();
    }
    if (!options.positive.empty())
        spec.positive = options.positive;
    if (options.seed)
        spec.training.seed = *options.seed;
    if (options.rounds)
        spec.training.rounds = *options.rounds;
    if (options.impute)
        spec.training.impute = true;
    if (options.threshold)
        spec.threshold = {.rule = spec::ThresholdSpec::Rule::Fixed, .value = *options.threshold};
    if (!options.cost.empty())
        TRY(parseCost(options.cost, spec.threshold));
    for (const auto& [given, name] : {std::pair(!spec.name.text().empty(), "--model"),
                                      {!spec.data.empty(), "--data"},
                                      {!spec.label.empty(), "--label"}}) {
        if (!given)
            return fail(ErrorCode::InvalidInput, "{} is needed, here or in the file of --config.", name);
    }
    return spec;
}

/// The folder of --out must be free; an empty one is.
Result<void> checkOut(const std::filesystem::path& out) {
    std::error_code code;
    if (!out.empty() && std::filesystem::exists(out, code) &&
        !(std::filesystem::is_directory(out, code) && std::filesystem::is_empty(out, code)))
        return fail(ErrorCode::Conflict, "{} already exists and is not an empty folder.", out.string());
    return {};
}

void reportProgress(const Context& context, const model::TrainProgress& progress) {
    context.progress(fmt::format("Round {} of {}, log loss {} on the training rows, about {} left", progress.round,
                                 progress.rounds, formatDecimal(progress.logLoss, 4), formatAge(progress.remaining)));
}

/// Absolute floors of perch.yaml first. Without a production version that is all; against one, rows are needed that
/// neither version was trained on, and a training on one table cannot know them: undecided.
Result<Verdict> judge(const spec::AcceptanceSpec& floors, const model::ModelCard& card, registry::Registry& registry) {
    Verdict verdict{.accepted = true};
    const auto check = [&](const char* name, const std::optional<double>& floor) {
        if (!floor)
            return;
        const auto metric = card.metrics.find(name);
        if (metric != card.metrics.end() && metric->second >= *floor)
            return;
        verdict.accepted = false;
        verdict.reasons.push_back(
            fmt::format("{} {} is below {}", name,
                        metric == card.metrics.end() ? "(undefined)" : formatDecimal(metric->second, 4), *floor));
    };
    check("accuracy", floors.accuracy);
    check("f1", floors.f1);
    if (verdict.accepted == false)
        return verdict;
    const std::map<std::string, Version> aliases = TRY(registry.aliases(card.model));
    if (const auto champion = aliases.find(registry::kChampion); champion != aliases.end()) {
        verdict.accepted = std::nullopt;
        verdict.reasons.push_back(
            fmt::format("compare it with {} on rows that neither was trained on: perch evaluate --baseline",
                        champion->second.text()));
    }
    return verdict;
}

nlohmann::json jsonOf(const std::optional<bool>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json documentOf(const model::TrainOutcome& outcome, const Verdict& verdict,
                          const std::optional<registry::Publication>& publication) {
    const model::ModelCard& card = outcome.parts.card;
    nlohmann::json metrics = nlohmann::json::object();
    for (const char* name : {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"}) {
        const auto metric = card.metrics.find(name);
        metrics[name] = metric == card.metrics.end() ? nlohmann::json() : nlohmann::json(metric->second);
    }
    nlohmann::json document = {{"model", card.model.text()},
                               {"version", nullptr},
                               {"package", nullptr},
                               {"digest", nullptr},
                               {"alias", nullptr},
                               {"accepted", jsonOf(verdict.accepted)},
                               {"reasons", verdict.reasons},
                               {"rows", card.rows},
                               {"metrics", metrics},
                               {"threshold", card.threshold},
                               {"threshold_rule", card.thresholdRule},
                               {"fingerprint", outcome.fingerprint.digest().hex()},
                               {"fit_seconds", outcome.fit.count()}};
    if (publication) {
        document["version"] = publication->record.version.text();
        document["package"] = publication->record.package.string();
        document["digest"] = publication->record.digest.hex();
        if (publication->alias)
            document["alias"] = *publication->alias;
    }
    return document;
}

void printTypes(const data::Table& table, const std::string& label) {
    std::cout << fmt::format("{} ({} rows)\n", table.fingerprint.source, formatCount(table.rows));
    for (const data::Column& column : table.columns) {
        std::string what = column.name == label ? "label" : std::string(toString(column.type));
        if (column.type == data::FieldType::Category)
            what += fmt::format(", {} values", column.categories.size());
        if (column.missing > 0)
            what += fmt::format(", {} missing", formatCount(column.missing));
        std::cout << fmt::format("  {:<24} {}\n", column.name, what);
    }
}

void printOutcome(const model::TrainOutcome& outcome, const Verdict& verdict,
                  const std::optional<registry::Publication>& publication) {
    const model::ModelCard& card = outcome.parts.card;
    std::cout << fmt::format(
        "Trained on {} rows, {} for the threshold, tested on {}; positive is \"{}\", threshold {} ({})\n",
        formatCount(card.rows.at("train")), formatCount(card.rows.at("validation")), formatCount(card.rows.at("test")),
        card.classes[1], formatDecimal(card.threshold, 4), card.thresholdRule);
    for (const auto& [name, value] : card.metrics)
        std::cout << fmt::format("  {:<10} {}\n", name, formatDecimal(value, 4));
    if (publication) {
        const std::string alias = publication->alias ? fmt::format(", {}", *publication->alias) : "";
        std::cout << fmt::format("Registered {} {}{}\n{}\n", card.model.text(), publication->record.version.text(),
                                 alias, publication->record.package.string());
    }
    if (verdict.accepted != true) {
        std::cout << fmt::format("{}: {}\n", verdict.accepted ? "Not accepted, not registered" : "Not yet decided",
                                 fmt::join(verdict.reasons, "; "));
    }
}

/// The model's file as last used, where the local platform looks for it.
Result<void> keepConfig(const Context& context, const spec::ModelSpec& spec, const std::filesystem::path& config) {
    if (config.empty())
        return {};
    const Workspace workspace = TRY(context.workspace());
    const std::filesystem::path folder = workspace.models() / spec.name.text();
    TRY(makePrivateFolder(folder));
    return writeFileAtomically(folder / "perch.yaml", TRY(readFile(config)));
}

Result<int> runTrain(const Context& context, const TrainOptions& options) {
    const spec::ModelSpec spec = TRY(specOf(options));
    TRY(checkOut(options.out));
    const Workspace workspace = TRY(context.workspace());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    const auto library = TRY(model::XgboostLibrary::load());
    const data::CsvOptions csv{.declared = {{spec.label, data::FieldType::Category}}, .ignored = options.ignored};
    context.progress(fmt::format("Reading {}", spec.data.string()));
    const data::Table table = TRY(data::readCsv(spec.data, *context.clock, csv, context.stop));
    if (!context.json) {
        context.endProgress();
        printTypes(table, spec.label);
    }
    const model::TrainRequest request{.model = spec.name,
                                      .table = &table,
                                      .label = spec.label,
                                      .positive = spec.positive,
                                      .training = spec.training,
                                      .threshold = spec.threshold,
                                      .threads = options.threads.value_or(0),
                                      .codeVersion = PERCH_VERSION,
                                      .clock = context.clock};
    const model::TrainOutcome outcome = TRY(model::train(
        *library, request, [&](const model::TrainProgress& progress) { reportProgress(context, progress); },
        context.stop));
    context.endProgress();
    const Verdict verdict = TRY(judge(spec.acceptance, outcome.parts.card, *registry));
    std::optional<registry::Publication> publication;
    if (verdict.accepted != false) {
        if (!options.out.empty())
            TRY(model::writePackage(outcome.parts, options.out));
        publication = TRY(registry::publishPackage(*registry, workspace.packages(), outcome.parts, verdict.accepted,
                                                   context.identity()));
        TRY(keepConfig(context, spec, options.config));
    }
    if (context.json)
        printJson(documentOf(outcome, verdict, publication));
    else
        printOutcome(outcome, verdict, publication);
    return verdict.accepted == false ? 1 : 0;
}

} // namespace

void addTrainVerb(CLI::App& app) {
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* verb = addVerb(app, "train", "Train a version of a model from a table and register it",
                             [options](const Context& context) { return runTrain(context, *options); });
    verb->add_option("--data", options->data, "CSV file with a header");
    verb->add_option("--label", options->label, "Column to predict");
    verb->add_option("--positive", options->positive,
                     "Label value that counts as positive; default: yes, true or 1, else the rarer one");
    verb->add_option("--model", options->model, "Name of the model");
    verb->add_option("--config", options->config, "perch.yaml of the model; options given here go before it");
    verb->add_option("--out", options->out, "Write the package to this folder too");
    verb->add_option("--ignore", options->ignored, "Columns to leave out")->delimiter(',');
    verb->add_option("--seed", options->seed, "Seed of the split and the fit; default 42");
    verb->add_option("--rounds", options->rounds, "Boosting rounds; default 500");
    verb->add_option("--threads", options->threads, "Threads of the fit; default 1 below 50,000 rows, else all");
    CLI::Option* threshold =
        verb->add_option("--threshold", options->threshold, "Positive from this score on; default 0.5");
    verb->add_option("--cost", options->cost, "Choose the threshold by cost, missed positive : false alarm, e.g. 20:1")
        ->excludes(threshold);
    verb->add_flag("--impute", options->impute, "Fill missing values with median and mode of the training rows");
}

} // namespace perch::cli
