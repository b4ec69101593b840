#pragma once

#include "core/model/training_capsule.h"
#include "core/spec/model_spec.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace perch::training {

/// What a person, a schedule or a screen asks for. A value.
struct TrainingJob {
    spec::ModelSpec spec;                   ///< paths are absolute or from the working folder
    std::string config = {};                ///< the text of perch.yaml; kept with the model once a version is registered
    std::filesystem::path configFolder = {}; ///< that perch.yaml's relative paths are taken from
    std::filesystem::path holdout = {};     ///< rows that no version was trained on; empty: none named
    std::filesystem::path out = {};         ///< write the package to this folder too
    std::vector<std::string> ignored = {};  ///< columns to leave out
    std::uint32_t threads = 0;              ///< 0: by the number of rows
    std::string by;                         ///< who asks
    std::string codeVersion;
    Seconds checkpointEvery{30};
    std::optional<model::Capsule> capsule = {}; ///< the training that this one repeats
};

/// Turns the relative paths of a perch.yaml into ones from its folder.
void resolvePaths(spec::ModelSpec& spec, const std::filesystem::path& folder);

/// The job that repeats a training; `data` replaces the capsule's source unless it is empty.
TrainingJob jobOf(const model::Capsule& capsule, const std::filesystem::path& data);

/// The perch.yaml of a model as it was last trained with, and the folder of its paths. NotFound without one.
Result<TrainingJob> keptJob(const std::filesystem::path& modelFolder);
Result<void> keepConfig(const std::filesystem::path& modelFolder, const TrainingJob& job);

/// `request.json` in the folder of a run: enough to take it up again. Corrupt, NotFound.
Result<void> writeJob(const std::filesystem::path& folder, const TrainingJob& job);
Result<TrainingJob> readJob(const std::filesystem::path& folder);

} // namespace perch::training
