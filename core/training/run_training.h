#pragma once

#include "core/base/workspace.h"
#include "core/model/train.h"
#include "core/registry/publish_package.h"
#include "core/training/acceptance.h"
#include "core/training/run_watch.h"
#include "core/training/training_job.h"

namespace perch::training {

/// What a training works with. Everything must outlive it; the hooks are called from its thread and may be empty.
struct TrainingPorts {
    const Workspace* workspace = nullptr;
    registry::Registry* registry = nullptr;
    const model::XgboostLibrary* library = nullptr;
    const Clock* clock = nullptr;
    std::function<void(const std::string& run)> onBegun = {};
    std::function<void(const std::string& activity)> onActivity = {}; ///< `Reading loans.csv`
    std::function<void(const data::Table& table)> onTable = {};
    ReportProgress onRound = {};
    /// A version was registered: for the audit.
    std::function<Result<void>(const registry::Publication& publication, const std::string& run)> onRegistered = {};
};

/// What the audit says of a registered version: the run it came from, its data and its alias.
std::string registrationText(const registry::Publication& publication, const std::string& run);

/// A training that came to a verdict.
struct TrainingReport {
    std::string run; ///< id
    model::RunState state = model::RunState::Finished;
    std::optional<model::TrainOutcome> outcome; ///< nothing if the data were refused
    AcceptanceVerdict verdict;
    std::optional<registry::Publication> publication;
    std::vector<std::string> differences; ///< of a repeated training to its capsule; empty: the same model bytes
    std::optional<bool> sameModel;        ///< of a repeated training: whether the model bytes are the capsule's
};

/// Reads and checks the data, trains, compares with production and registers; everything is written to a run folder as
/// it happens. The data or the acceptance saying no is a report with `accepted` false and an untouched registry; an
/// error or a cancellation ends the run as failed or cancelled and leaves nothing else behind. Blocks: call it from a
/// worker thread.
Result<TrainingReport> runTraining(const TrainingJob& job, const TrainingPorts& ports, std::stop_token stop = {});

/// Takes up a run whose process is gone, from its last checkpoint or from its start: the same model bytes as without
/// the interruption. Conflict if it is not interrupted, or if the data are not the same any more.
Result<TrainingReport> resumeTraining(const std::string& run, const TrainingPorts& ports, std::stop_token stop = {});

} // namespace perch::training
