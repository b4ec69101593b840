#pragma once

#include "core/rollout/executor.h"

namespace perch::rollout {

/// Ends one plan whose executor died, from what the platform says: carried on when its traffic had moved (or when it is
/// an abort or a rollback), taken back when it had not. Fields that somebody else has changed meanwhile are left alone.
/// The lock of the model is held by the caller. May itself die at any point and be repeated.
class Recovery {
public:
    Recovery(const ExecutionParts& parts, const ActorLock& lock, JournalPlan entry, std::stop_token stop);
    Result<RecoveredPlan> run();

private:
    Result<bool> tookEffect(const Step& step) const;
    Result<bool> mustFinish() const;
    /// Both return why they could not: a value that is neither the one before nor the one after.
    Result<std::string> finishSteps();
    Result<std::string> undoSteps();
    Result<std::string> undoStep(const Step& step);
    Result<void> restoreRecord();
    Result<void> noteForeign(const std::string& reason);
    RecoveredPlan result(RecoveredPlan::Result outcome, std::string message) const;

    ExecutionParts m_parts;
    const ActorLock& m_lock;
    JournalPlan m_entry;
    StepWriter m_writer;
    std::stop_token m_stop;
};

} // namespace perch::rollout
