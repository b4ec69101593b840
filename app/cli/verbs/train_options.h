#pragma once

#include "app/cli/context.h"
#include "core/training/training_job.h"

#include <optional>

namespace perch::cli {

/// What the command line says; empty or absent means what perch.yaml or the defaults say.
struct TrainOptions {
    std::filesystem::path data, out, config, holdout, capsule;
    std::string label, positive, model, cost, task, resume, device;
    std::vector<std::string> ignored;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint32_t> rounds, threads, earlyStopping, folds, candidates;
    std::optional<double> threshold, checkpointSeconds;
    bool impute = false;
    bool again = false; ///< retrain: the model's own perch.yaml is in the workspace

    void addTo(CLI::App& verb);
};

/// perch.yaml or a capsule if one is given, and the command line over it. InvalidInput that names the option.
Result<training::TrainingJob> jobOf(const TrainOptions& options, const Context& context);

} // namespace perch::cli
