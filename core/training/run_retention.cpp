#include "core/training/run_retention.h"

#include "core/base/file.h"
#include "core/model/training_run.h"

#include <cerrno>

namespace perch::training {

namespace {

bool ended(const model::TrainingRun& run) {
    return run.state != model::RunState::Running && run.state != model::RunState::Interrupted;
}

} // namespace

Result<std::size_t> removeOldRuns(const Workspace& workspace, const ModelName& model, std::size_t kept) {
    std::size_t seen = 0, removed = 0;
    std::error_code problem;
    for (const model::TrainingRun& run : TRY(model::listRuns(workspace))) { // newest first
        if (run.model != model || !ended(run))
            continue;
        const std::filesystem::path folder = workspace.runs() / run.id;
        std::error_code code;
        if (++seen <= kept) {
            std::filesystem::remove(folder / "checkpoint", code);
            continue;
        }
        std::filesystem::remove_all(folder, code);
        removed += code ? 0 : 1;
        if (code)
            problem = code;
    }
    if (problem) {
        errno = problem.value();
        return fileError(workspace.runs(), "remove old trainings from");
    }
    return removed;
}

} // namespace perch::training
