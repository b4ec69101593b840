#pragma once

#include "core/rollout/journal.h"
#include "core/rollout/step_writer.h"

#include <functional>
#include <stop_token>

namespace perch::rollout {

/// What the executor and recovery work with; owned by Operations.
struct ExecutionParts {
    Backend& backend;
    Journal& journal;
    AuditLog& audit;
    const Clock& clock;
    const Operations::CrashPoint& crashPoint;
};

/// Carries one plan out, step by step: journal, write, wait, read back, journal; then audit. The lock of the model is
/// held by the caller. An urgent plan goes on when the journal cannot be written: the rollout record, its first step,
/// then says what is under way.
class Executor {
public:
    Executor(const ExecutionParts& parts, const ActorLock& lock, const Plan& plan,
        std::function<void(const StepProgress&)> progress, std::stop_token stop);

    Result<ExecutionReport> run();

private:
    Result<void> runSteps();
    Result<void> begin(std::size_t index, const Step& actual);
    Result<void> runStep(std::size_t index, const PreparedStep& prepared);
    bool beginsTwo() const;
    void settleSteps();
    Error failPlan(Error error);
    void tell(std::size_t index, StepProgress::State state, const std::string& detail = {});
    /// An error of the journal stops a normal plan and is a note on an urgent one.
    Result<void> journaled(const std::function<Result<void>()>& write);
    Result<void> auditFromJournal();
    Result<void> auditFromReport();

    ExecutionParts m_parts;
    const ActorLock& m_lock;
    const Plan& m_plan;
    StepWriter m_writer;
    std::function<void(const StepProgress&)> m_progress;
    std::stop_token m_stop;
    ExecutionReport m_report;
    bool m_begun = false;
    std::size_t m_stepsBegun = 0; ///< from the first on, as they really were
    std::size_t m_stepsEnded = 0;
    std::string m_lastDetail; ///< of the step before, not yet in the journal
    std::string m_journalNote; ///< why an urgent plan goes on without the journal
};

/// The audit record of a plan that is over, without its place in a chain.
AuditRecord auditRecordOf(const JournalPlan& entry, SystemTime now);

/// Writes the audit record of a plan that is over, keeps its head, and seals the rollout record with it. Idempotent:
/// what is there already is not repeated.
Result<AuditHead> auditPlan(const ExecutionParts& parts, const JournalPlan& entry, const StepWriter& writer);

/// All plans of the model that are over and not audited yet.
Result<void> auditPending(const ExecutionParts& parts, const ModelName& model, const StepWriter& writer);

} // namespace perch::rollout
