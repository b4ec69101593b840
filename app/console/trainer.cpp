#include "app/console/trainer.h"

#include "core/base/file.h"
#include "core/model/predict/xgboost_library.h"
#include "core/platforms/local/local_platform.h"
#include "core/registry/embedded_registry.h"
#include "core/training/run_training.h"

namespace perch::console {

namespace {

/// The form over what the run on the screen was asked for, else over the model's perch.yaml: limits and sources hold.
Result<training::TrainingJob> jobFor(const Workspace& workspace, const present::TrainingRequest& request) {
    training::TrainingJob job;
    const std::filesystem::path file = workspace.models() / request.model.text() / "perch.yaml";
    std::error_code missing;
    if (request.base != nullptr) {
        job.spec = *request.base;
    } else if (std::filesystem::exists(file, missing)) {
        job.spec = TRY(spec::loadModelSpec(file));
        job.config = TRY(readFile(file));
        training::resolvePaths(job.spec, file.parent_path());
    }
    const bool sameData = job.spec.data == request.data;
    job.spec.name = request.model;
    if (!sameData) {
        job.spec.data = request.data;
        job.spec.sources.clear();
        // The file that is kept with the model must say what was trained.
        job.config.clear();
    }
    job.spec.label = request.label;
    job.spec.positive = request.positive;
    spec::TrainingSpec& wanted = job.spec.training;
    const spec::TrainingSpec& form = request.training;
    wanted.rounds = form.rounds;
    wanted.learningRate = form.learningRate;
    wanted.depth = form.depth;
    wanted.minimumChildWeight = form.minimumChildWeight;
    wanted.rowSample = form.rowSample;
    wanted.columnSample = form.columnSample;
    wanted.l2 = form.l2;
    wanted.seed = form.seed;
    wanted.earlyStopping = form.earlyStopping;
    wanted.monotone = form.monotone;
    return job;
}

/// The line that `perch train` writes too.
Result<void> writeAudit(const Workspace& workspace, const Clock& clock, const std::string& who,
    const registry::Publication& publication, const std::string& run) {
    rollout::AuditRecord record;
    record.actor = {who, "perch-console"};
    record.action = "train";
    record.model = publication.record.model.text();
    record.summary = training::registrationText(publication, run);
    record.result = "done";
    const auto platform = TRY(local::LocalPlatform::open(workspace, clock, who));
    TRY(platform->operations().recordAction(std::move(record)));
    return {};
}

Result<std::string> runOrder(const Workspace& workspace, const Clock& clock, const std::string& who,
    const widgets::TrainingOrder& order, std::stop_token stop) {
    const auto library = TRY(model::XgboostLibrary::load());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, clock));
    training::TrainingPorts ports;
    ports.workspace = &workspace;
    ports.registry = registry.get();
    ports.library = library.get();
    ports.clock = &clock;
    ports.onRegistered = [&](const registry::Publication& publication, const std::string& run) {
        return writeAudit(workspace, clock, who, publication, run);
    };
    if (!order.resumes.empty())
        return TRY(training::resumeTraining(order.resumes, ports, std::move(stop))).run;
    if (!order.request)
        return fail(ErrorCode::Internal, "A training was started without a request.");
    training::TrainingJob job = TRY(jobFor(workspace, *order.request));
    job.by = who;
    job.codeVersion = PERCH_VERSION;
    return TRY(training::runTraining(job, ports, std::move(stop))).run;
}

} // namespace

widgets::Trainer makeTrainer(const Workspace& workspace, const Clock& clock, std::string who) {
    return [&workspace, &clock, who = std::move(who)](const widgets::TrainingOrder& order, std::stop_token stop) {
        return runOrder(workspace, clock, who, order, std::move(stop));
    };
}

widgets::TrainingController makeTrainingController(const Workspace& workspace) {
    return [&workspace](const std::string& run, model::RunControl what) -> Result<void> {
        const std::filesystem::path folder = workspace.runs() / run;
        switch (what) {
        case model::RunControl::Stop: return model::requestStop(folder);
        case model::RunControl::Pause: return model::requestPause(folder);
        case model::RunControl::Resume: return model::requestResume(folder);
        case model::RunControl::None: break;
        }
        return {};
    };
}

} // namespace perch::console
