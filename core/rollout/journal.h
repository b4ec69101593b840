#pragma once

#include "core/base/clock.h"
#include "core/base/database.h"
#include "core/rollout/audit.h"
#include "core/rollout/plan.h"

#include <string>
#include <string_view>
#include <vector>

namespace perch::rollout {

/// One step as it was really written: `before` and `after` are the values at that moment.
struct JournalStep {
    Step step;
    enum class State { Planned, Begun, Done, Failed } state = State::Planned;
    std::string detail; ///< why it failed
};

/// A plan that an executor has begun.
struct JournalPlan {
    Plan plan;
    std::string digest;
    std::string evidence;
    enum class State {
        Running,   ///< an executor is at it, or died
        Finishing, ///< recovery carries it on
        Undoing,   ///< recovery takes it back
        Executed,  ///< over, its audit record is missing
        Closed,
    } state = State::Running;
    std::string result; ///< of AuditRecord, once Executed
    std::string error;
    SystemTime begunAt{};
    std::vector<JournalStep> steps;
};

/// What executors are doing, written before each effect and synced. Its space is taken beforehand, so that an abort or
/// a rollback can be journaled on a full disk. One thread at a time; several processes may use the same file.
class Journal {
public:
    static Result<Journal> open(const std::filesystem::path& file);
    /// Gives up the room that is kept beside the journal, where the disk has less than that left: for an abort or a
    /// rollback, whose other writes (the split, the rollout record) need a little space too. True if it gave some up;
    /// the next `open` takes it again.
    static bool giveUpRoom(const std::filesystem::path& file);

    /// Writes the plan with its first `begun` steps begun, the first of them as `first`, the others as the plan has them.
    /// A step may be begun before its turn: recovery asks the platform whether it happened. Conflict if this plan has
    /// been begun before.
    Result<void> begin(const Plan& plan, const Step& first, std::size_t begun, SystemTime now);
    /// In one commit: the steps before `index` are done, step `index` is done (or failed, when `detail` says why) and
    /// step `index + 1` begins.
    Result<void> advance(const std::string& planId, std::size_t index, std::string_view detail, const Step& next);
    /// The last step: ended, nothing follows.
    Result<void> endStep(const std::string& planId, std::size_t index, std::string_view detail);
    Result<void> setState(const std::string& planId, JournalPlan::State state);
    /// The plan is over; its audit record comes next. What was begun and not ended is `begunSteps`. A plan that is over
    /// already is left as it is.
    Result<void> finish(const std::string& planId, std::string_view result, std::string_view error,
        JournalStep::State begunSteps);
    /// Before `finish` of a plan that stopped: the steps before `done` are done, those from `begun` on never began.
    Result<void> settle(const std::string& planId, std::size_t done, std::size_t begun);
    /// Ends every plan of the model that is not over: an urgent action takes its place.
    Result<void> supersede(const ModelName& model, std::string_view by);
    /// The audit record is written: keeps its head and closes the plan, in one commit.
    Result<void> close(const std::string& planId, const AuditHead& head);
    Result<void> keepHead(const AuditHead& head);

    Result<std::vector<JournalPlan>> unclosed();
    Result<std::vector<AuditHead>> heads();

private:
    explicit Journal(Database database) : m_database(std::move(database)) {}
    Result<void> reserve();
    Result<void> writeStep(const std::string& planId, std::size_t index, JournalStep::State state,
        std::string_view detail, const Step* values);
    Result<void> changeSteps(const std::string& planId, std::string_view which, std::size_t position,
        JournalStep::State from, JournalStep::State to);
    Result<std::vector<JournalStep>> stepsOf(const Plan& plan);
    Database m_database;
};

} // namespace perch::rollout
