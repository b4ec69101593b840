#include "app/cli/action_record.h"
#include "app/cli/verbs.h"
#include "app/cli/verbs/train_options.h"
#include "app/cli/verbs/train_output.h"
#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <memory>

namespace perch::cli {

namespace {

/// What both verbs work with. The ports point into it.
struct Bench {
    Workspace workspace;
    std::unique_ptr<registry::EmbeddedRegistry> registry;
    std::shared_ptr<const model::XgboostLibrary> library;
    training::TrainingPorts ports;
};

/// A version that was registered stays so if its audit line cannot be written; that is said on stderr.
void writeAudit(const Context& context, const Workspace& workspace, const registry::Publication& publication,
                const std::string& run) {
    rollout::AuditRecord record;
    record.action = "train";
    record.model = publication.record.model.text();
    record.summary = training::registrationText(publication, run);
    record.result = "done";
    recordAction(context, workspace, std::move(record));
}

Result<std::unique_ptr<Bench>> openBench(const Context& context, const std::string& label) {
    const Workspace workspace = TRY(context.workspace());
    auto bench = std::make_unique<Bench>(Bench{workspace, nullptr, nullptr, {}});
    bench->registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    // This process only trains: between two loops its threads wait briefly instead of going to sleep, which is 3 % faster.
    ::setenv("GOMP_SPINCOUNT", "300000", 0);
    bench->library = TRY(model::XgboostLibrary::load());
    bench->ports.workspace = &bench->workspace;
    bench->ports.registry = bench->registry.get();
    bench->ports.library = bench->library.get();
    bench->ports.clock = context.clock;
    bench->ports.onRegistered = [&context, workspace](const registry::Publication& publication,
                                                      const std::string& run) -> Result<void> {
        writeAudit(context, workspace, publication, run);
        return {};
    };
    showOnTerminal(context, label, bench->ports);
    return bench;
}

Result<int> finish(const Context& context, const spec::ModelSpec& spec, Result<training::TrainingReport> result) {
    context.endProgress();
    const training::TrainingReport report = TRY(std::move(result));
    printReport(context, spec, report);
    return report.verdict.accepted == false ? 1 : 0;
}

Result<int> runResume(const Context& context, const std::string& run) {
    const auto bench = TRY(openBench(context, ""));
    spec::ModelSpec spec;
    spec.name = TRY(model::readRun(bench->workspace, run)).model;
    return finish(context, spec, training::resumeTraining(run, bench->ports, context.stop));
}

Result<int> runTrain(const Context& context, const TrainOptions& options) {
    if (!options.resume.empty())
        return runResume(context, options.resume);
    const training::TrainingJob job = TRY(jobOf(options, context));
    const auto bench = TRY(openBench(context, job.spec.label));
    return finish(context, job.spec, training::runTraining(job, bench->ports, context.stop));
}

} // namespace

void addTrainVerb(CLI::App& app) {
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* verb = addVerb(app, "train", "Train a version of a model from a table and register it",
                             [options](const Context& context) { return runTrain(context, *options); });
    options->addTo(*verb);
    verb->add_option("--from", options->capsule, "Repeat the training of this capsule.json or package");
    verb->add_option("--resume", options->resume, "Take up an interrupted training by the name of its run");

    const auto again = std::make_shared<TrainOptions>();
    CLI::App* retrain = addVerb(app, "retrain", "Train a registered model again as its perch.yaml says",
                                [again](const Context& context) { return runTrain(context, *again); });
    again->again = true;
    retrain->add_option("model", again->model, "Name of the model")->required();
    retrain->add_option("--data", again->data, "Newer data; default: what perch.yaml names");
    retrain->add_option("--holdout", again->holdout, "Rows that no version was trained on, to compare with production");
    retrain->add_option("--config", again->config, "Another perch.yaml; default: the one of the last training");
    retrain->add_option("--out", again->out, "Write the package to this folder too");
    retrain->add_option("--threads", again->threads, "Threads of the fit; default 1 below 50,000 rows, else all");
}

} // namespace perch::cli
