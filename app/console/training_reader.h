#pragma once

#include "core/present/training_run.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>

namespace perch::console {

/// Reads run folders: of each run its document, and only the lines that are new. One thread at a time.
class TrainingReader {
public:
    /// How a run that is written as running is taken: by its process, or by its word (recorded folders).
    enum class Trust { Process, Word };
    explicit TrainingReader(std::filesystem::path runs, Trust trust = Trust::Process);

    /// Every run, newest first. A run that did not change is the same object as before.
    Result<std::vector<std::shared_ptr<const present::TrainingRun>>> read();

private:
    struct Known {
        std::shared_ptr<const present::TrainingRun> run;
        std::uint64_t curveOffset = 0, logOffset = 0;
        bool ended = false; ///< nothing is written to it any more
        std::filesystem::file_time_type written{};
    };
    Result<void> readFolder(const std::filesystem::path& folder);
    Result<model::TrainingRun> readDocument(const std::filesystem::path& folder) const;

    std::filesystem::path m_runs;
    Trust m_trust;
    std::map<std::string, Known> m_known; ///< by the folder's name
};

} // namespace perch::console
