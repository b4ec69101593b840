#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/fleet/facts_source.h"
#include "core/rollout/actor_lock.h"
#include "core/rollout/audit.h"
#include "core/rollout/backend.h"
#include "core/rollout/plan.h"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::rollout {

/// What the executor is doing, as it does it.
struct StepProgress {
    enum class State { Begun, Done, AlreadySo, Failed } state = State::Begun;
    std::size_t index = 0; ///< of the step, from 0
    std::size_t count = 0;
    std::string title;
    std::string detail; ///< why it failed
};

struct StepOutcome {
    Step step;
    enum class State { Done, AlreadySo, Failed } state = State::Done; ///< Failed: one that the plan can do without
    std::string detail;
    Seconds took{0};
};

/// What came of a plan that was carried out.
struct ExecutionReport {
    std::string planId;
    std::vector<StepOutcome> steps;
    std::vector<std::string> notes;  ///< what a person must know although it worked: an alias or the audit that waits
    std::optional<AuditHead> audit;  ///< nothing: its record waits in the journal (see notes)
    Seconds took{0};
};

/// What came of a plan whose executor died.
struct RecoveredPlan {
    std::string planId;
    ModelName model;
    Action action = Action::Start;
    enum class Result { Finished, Undone, Foreign, AuditOnly } result = Result::Finished;
    std::string message; ///< one sentence
};

/// The intents of one platform: planned, carried out with journal and audit, recovered after a crash. What the console,
/// the command line, the demo and the agent use; no other way leads to a backend.
/// One thread at a time owns it; several processes may have one each: one of them acts on a model at a time (a lock
/// with identity and fencing number), the urgent actions take over.
class Operations {
public:
    /// Called between any two effects with the name of what comes next; tests die here.
    using CrashPoint = std::function<void(std::string_view next)>;

    /// `facts` and `backend` must outlive it. Opens (and at first creates) the journal and the audit of the workspace.
    /// Without `locks` the actors exclude each other by files of the workspace.
    static Result<std::unique_ptr<Operations>> open(fleet::FactsSource& facts, Backend& backend,
        const Workspace& workspace, const Clock& clock, const std::string& identity,
        std::unique_ptr<ActorLocks> locks = nullptr);
    ~Operations();

    /// Reads the facts, makes the plan and has the platform try it out: what the person sees. Changes nothing.
    Result<Plan> plan(const Intent& intent, std::stop_token stop = {});

    /// Carries a plan out. One older than kPlanLifetime is made again first: Conflict if it came out differently.
    /// Errors: Conflict (somebody else acts on the model, or a value is not as the plan says; nothing further was
    /// written), Cancelled, Timeout, or what the backend said. Whatever was done is in the journal, the rollout record
    /// and the audit.
    Result<ExecutionReport> execute(const Plan& plan, const std::function<void(const StepProgress&)>& progress,
        std::stop_token stop = {});

    /// Finishes or undoes what a dead executor left, from what the platform says. Plans of living executors are left
    /// alone. Apps call it once at start; `execute` does it for its model (but for urgent actions, which supersede).
    Result<std::vector<RecoveredPlan>> recover(std::stop_token stop = {});

    /// All audit records of all chains, oldest first.
    Result<std::vector<AuditRecord>> auditRecords();
    /// Verifies the chains against the heads in the journal and in the rollout records.
    Result<AuditVerification> verifyAuditLog();
    /// Records something that is no plan (a training, an alias moved by hand).
    Result<AuditHead> recordAction(AuditRecord record);

    void setCrashPoint(CrashPoint crashPoint);

private:
    struct Parts;
    explicit Operations(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace perch::rollout
