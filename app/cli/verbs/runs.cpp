#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/model/training_run.h"
#include "core/model/training_run_json.h"
#include "core/present/train_cards.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace perch::cli {

namespace {

struct RunsArguments {
    std::string model, run;
    std::size_t limit = 20;
};

Result<present::TrainingRun> withCurve(const Workspace& workspace, model::TrainingRun run) {
    present::TrainingRun whole{std::move(run), nullptr, {}, {}, {}};
    const std::filesystem::path folder = workspace.runs() / whole.id;
    std::uint64_t curve = 0, log = 0;
    whole.curve = TRY(model::readCurve(folder, curve));
    whole.log = TRY(model::readRunLog(folder, log));
    return whole;
}

/// The metric of the curve that the Train screen shows first.
std::string metricOf(const present::TrainingRun& run) {
    const std::vector<std::string> names = present::metricNames(run);
    return names.empty() ? "logloss" : names.front();
}

/// The run's own document, and of the curve only the value that was kept.
nlohmann::json toJson(const present::TrainingRun& run, const Workspace& workspace) {
    nlohmann::json document = model::toJson(static_cast<const model::TrainingRun&>(run));
    document.erase("schema");
    document["version"] = run.version ? nlohmann::json(run.version->text()) : nlohmann::json();
    document["word"] = present::trainingChip(run).word.english();
    const std::string metric = metricOf(run);
    const std::optional<double> kept = present::keptValue(run, present::curveMetric(metric));
    document["kept"] = {{"metric", metric}, {"value", kept ? nlohmann::json(*kept) : nlohmann::json()}};
    document["folder"] = (workspace.runs() / run.id).string();
    return document;
}

void printRow(const present::TrainingRun& run, SystemTime now) {
    const std::string metric = metricOf(run);
    const present::RunRow row = present::makeRunRow(run, metric, now);
    fmt::print("{:<26} {:<16} {:<14} {:<5} {:>6} rounds  {} {}  {}\n", row.id, run.model.text(), row.word.english(),
               row.version.english(), row.rounds.english(), present::curveMetric(metric).label.english(),
               row.metric.english(), row.when.english());
}

Result<int> runList(const Context& context, const RunsArguments& arguments) {
    const Workspace workspace = TRY(context.workspace());
    std::vector<model::TrainingRun> runs = TRY(model::listRuns(workspace));
    if (!arguments.model.empty()) {
        const ModelName model = TRY(ModelName::parse(arguments.model));
        std::erase_if(runs, [&](const model::TrainingRun& run) { return run.model != model; });
    }
    const std::size_t all = runs.size();
    runs.resize(std::min(all, arguments.limit));
    nlohmann::json list = nlohmann::json::array();
    for (model::TrainingRun& run : runs) {
        const present::TrainingRun whole = TRY(withCurve(workspace, std::move(run)));
        if (context.json)
            list.push_back(toJson(whole, workspace));
        else
            printRow(whole, context.clock->now());
    }
    if (context.json)
        printJson({{"runs", std::move(list)}, {"total", all}});
    else if (all == 0)
        fmt::print("There is no training yet.\n");
    else if (all > runs.size())
        fmt::print("{} older ones; --limit shows more\n", formatCount(all - runs.size()));
    return 0;
}

void printRun(const present::TrainingRun& run, SystemTime now) {
    printRow(run, now);
    fmt::print("Data     {}, {} rows, {} columns, label {}, {}\n", run.dataset.source, formatCount(run.dataset.rows),
               run.dataset.columns, run.dataset.label, run.dataset.digest.substr(0, 12));
    fmt::print("Split    {}: {} to train, {} to validate, {} to test\n", run.dataset.splitKind,
               formatCount(run.dataset.train), formatCount(run.dataset.validation), formatCount(run.dataset.test));
    fmt::print("Started  {} by {}{}\n", toIso8601(run.started), run.by,
               run.ended ? fmt::format(", took {}", present::durationText(*run.ended - run.started)) : "");
    for (const auto& [name, value] : run.parameters)
        fmt::print("  {:<24} {}\n", name, value);
    for (const present::StepRow& step : present::makeSteps(run))
        fmt::print("  {:<24} {}\n", step.name.english(), step.value.english());
    for (const auto& [name, value] : run.metrics)
        fmt::print("  test {:<19} {}\n", name, formatDecimal(value, 4));
    for (const std::string& reason : run.reasons)
        fmt::print("{}\n", reason);
    for (const model::RunLogLine& line : run.log)
        fmt::print("{} {:<7} {}\n", toIso8601(line.time), line.level, line.text);
}

Result<int> runShow(const Context& context, const RunsArguments& arguments) {
    const Workspace workspace = TRY(context.workspace());
    model::TrainingRun found = TRY(model::readRun(workspace, arguments.run));
    const present::TrainingRun run = TRY(withCurve(workspace, std::move(found)));
    if (context.json)
        printJson(toJson(run, workspace));
    else
        printRun(run, context.clock->now());
    return 0;
}

} // namespace

void addRunsVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("runs", "Trainings under way and past");
    group->require_subcommand(1);
    const auto arguments = std::make_shared<RunsArguments>();
    CLI::App* list = addVerb(*group, "list", "List trainings, the newest first",
                             [arguments](const Context& context) { return runList(context, *arguments); });
    list->add_option("model", arguments->model, "Only those of this model");
    list->add_option("--limit", arguments->limit, "How many")->capture_default_str()->check(CLI::Range(1, 100'000));
    CLI::App* show = addVerb(*group, "show", "Show one training with its parameters, steps, metrics and log",
                             [arguments](const Context& context) { return runShow(context, *arguments); });
    show->add_option("run", arguments->run, "Name of the training, as runs list gives it")->required();
}

} // namespace perch::cli
