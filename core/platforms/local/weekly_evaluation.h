#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/platforms/local/child_process.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_store.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace perch::local {

/// Runs `perch evaluate --model NAME --since 7d` for each deployed model once a week of story time, one at a time. When
/// the next one is due is kept in `<workspace>/local/weekly`, so that a restart neither forgets nor repeats one. What
/// the program says is in `logs/evaluate-NAME.log`; its result is in the registry's history. Main thread only.
class WeeklyEvaluation {
public:
    /// `perch` is the program. Nothing is run while `advance` is not called.
    WeeklyEvaluation(const Workspace& workspace, std::filesystem::path perch, double timeFactor, const Clock& clock);

    /// Never waits. Unavailable if the program cannot be run or the schedule cannot be kept.
    Result<void> advance(const std::vector<DeployedModel>& models);
    /// The process that runs now; -1 if none does.
    pid_t process() const { return m_child ? m_child->pid() : -1; }

private:
    Result<void> start(const ModelName& model);
    Result<SystemTime> dueAt(const ModelName& model) const;
    Result<void> setDue(const ModelName& model) const;

    std::filesystem::path m_root;
    LocalFiles m_files;
    std::filesystem::path m_perch;
    Seconds m_week;
    const Clock& m_clock;
    std::optional<ChildProcess> m_child;
    SteadyTime m_nextLook{};
};

} // namespace perch::local
