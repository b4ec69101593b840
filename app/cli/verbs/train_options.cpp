#include "app/cli/verbs/train_options.h"

#include "core/base/file.h"

#include <CLI/CLI.hpp>

#include <charconv>

namespace perch::cli {

namespace {

constexpr std::size_t kLargestConfig = std::size_t{1} << 20;

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

Result<spec::Task> parseTask(const std::string& text) {
    if (text == "binary")
        return spec::Task::Binary;
    if (text == "multi_class")
        return spec::Task::MultiClass;
    if (text == "regression")
        return spec::Task::Regression;
    return fail(ErrorCode::InvalidInput, "--task {} is none of binary, multi_class and regression.", text);
}

/// The folder of --out must be free; an empty one is.
Result<void> checkOut(const std::filesystem::path& out) {
    std::error_code code;
    if (!out.empty() && std::filesystem::exists(out, code) &&
        !(std::filesystem::is_directory(out, code) && std::filesystem::is_empty(out, code)))
        return fail(ErrorCode::Conflict, "{} already exists and is not an empty folder.", out.string());
    return {};
}

/// As `perch train` kept it.
Result<training::TrainingJob> keptJob(const TrainOptions& options, const Context& context) {
    const ModelName model = TRY(ModelName::parse(options.model));
    const Workspace workspace = TRY(context.workspace());
    Result<training::TrainingJob> job = training::keptJob(workspace.models() / model.text());
    if (!job && job.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound, "The model {} has no perch.yaml; train it once with --config.", model.text());
    return job;
}

Result<training::TrainingJob> startOf(const TrainOptions& options, const Context& context) {
    if (options.again && options.config.empty())
        return keptJob(options, context);
    if (!options.capsule.empty())
        return training::jobOf(TRY(model::loadCapsule(options.capsule)), options.data);
    training::TrainingJob job;
    if (!options.config.empty()) {
        job.config = TRY(readFile(options.config, kLargestConfig));
        job.spec = TRY(spec::parseModelSpec(job.config, options.config.string()));
        std::error_code code;
        job.configFolder = std::filesystem::absolute(options.config, code).parent_path();
        training::resolvePaths(job.spec, options.config.parent_path());
    }
    return job;
}

Result<void> applyParameters(const TrainOptions& options, spec::ModelSpec& spec) {
    const auto set = [](auto& target, const auto& value) {
        if (value)
            target = *value;
    };
    set(spec.training.seed, options.seed);
    set(spec.training.rounds, options.rounds);
    set(spec.training.earlyStopping, options.earlyStopping);
    set(spec.training.folds, options.folds);
    set(spec.training.search.candidates, options.candidates);
    if (!options.task.empty())
        spec.training.task = TRY(parseTask(options.task));
    if (!options.device.empty())
        spec.training.device = options.device;
    if (options.impute)
        spec.training.impute = true;
    if (options.threshold)
        spec.threshold = {.rule = spec::ThresholdSpec::Rule::Fixed, .value = *options.threshold};
    return options.cost.empty() ? Result<void>() : parseCost(options.cost, spec.threshold);
}

} // namespace

void TrainOptions::addTo(CLI::App& verb) {
    verb.add_option("--data", data, "Table with a header: CSV, TSV, JSON Lines or Parquet, plain or compressed");
    verb.add_option("--label", label, "Column to predict");
    verb.add_option("--positive", positive,
                    "Label value that counts as positive; default: yes, true or 1, else the rarer one");
    verb.add_option("--model", model, "Name of the model");
    verb.add_option("--task", task, "binary, multi_class or regression; default: by the label's values");
    verb.add_option("--config", config, "perch.yaml of the model; options given here go before it");
    verb.add_option("--out", out, "Write the package to this folder too");
    verb.add_option("--ignore", ignored, "Columns to leave out")->delimiter(',');
    verb.add_option("--holdout", holdout, "Rows that no version was trained on, to compare with production");
    verb.add_option("--seed", seed, "Seed of the split and the fit; default 42");
    verb.add_option("--rounds", rounds, "Boosting rounds, at most; default 500");
    verb.add_option("--early-stopping", earlyStopping, "Stop after so many rounds without a better validation loss");
    verb.add_option("--folds", folds, "Cross-validate with so many folds")->check(CLI::Range(2, 20));
    verb.add_option("--search", candidates, "Search parameters with so many candidates")->check(CLI::Range(2, 1000));
    verb.add_option("--threads", threads, "Threads of the fit; default 1 below 50,000 rows, else all");
    verb.add_option("--device", device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
    CLI::Option* fixed = verb.add_option("--threshold", threshold, "Positive from this score on; default 0.5");
    verb.add_option("--cost", cost, "Choose the threshold by cost, missed positive : false alarm, e.g. 20:1")
        ->excludes(fixed);
    verb.add_flag("--impute", impute, "Fill missing values with median and mode of the training rows");
    verb.add_option("--checkpoint", checkpointSeconds, "Seconds between checkpoints; default 30");
}

Result<training::TrainingJob> jobOf(const TrainOptions& options, const Context& context) {
    TRY(checkOut(options.out));
    training::TrainingJob job = TRY(startOf(options, context));
    spec::ModelSpec& spec = job.spec;
    if (!options.model.empty())
        spec.name = TRY(ModelName::parse(options.model));
    if (!options.data.empty()) {
        spec.data = options.data;
        spec.sources.clear();
    }
    if (!options.label.empty()) {
        spec.label = options.label;
        spec.positive.clear();
    }
    if (!options.positive.empty())
        spec.positive = options.positive;
    TRY(applyParameters(options, spec));
    for (const auto& [given, name] : {std::pair(!spec.name.text().empty(), "--model"),
                                      {!spec.data.empty() || !spec.sources.empty(), "--data"},
                                      {!spec.label.empty(), "--label"}}) {
        if (!given)
            return fail(ErrorCode::InvalidInput, "{} is needed, here or in the file of --config.", name);
    }
    job.holdout = options.holdout;
    job.out = options.out;
    if (!options.ignored.empty())
        job.ignored = options.ignored;
    if (options.threads)
        job.threads = *options.threads;
    if (options.checkpointSeconds)
        job.checkpointEvery = Seconds(*options.checkpointSeconds);
    job.by = context.identity();
    job.codeVersion = PERCH_VERSION;
    return job;
}

} // namespace perch::cli
