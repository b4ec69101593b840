#pragma once

#include "core/base/workspace.h"
#include "core/data/table.h"
#include "core/training/training_job.h"

#include <functional>
#include <stop_token>

namespace perch::training {

/// The table of a training, and the columns that were left out of it.
struct TrainingData {
    data::Table table;
    std::vector<std::string> ignored;
};

/// Reads the one source of a job, or builds the table first where perch.yaml asks for types, deduplication, features or
/// several sources; the build is kept in `<workspace>/datasets/<model>`. Keys and times of a built table are left out,
/// but for the columns of the split and the weight. All errors of the sources.
Result<TrainingData> readTrainingData(const TrainingJob& job, const Workspace& workspace, const Clock& clock,
                                      const std::function<void(const std::string&)>& activity, std::stop_token stop);

/// Rows held out, read with the types that the new version learned.
Result<data::Table> readHoldout(const std::filesystem::path& file, const model::PackageParts& parts,
                                const Clock& clock, std::stop_token stop);

} // namespace perch::training
