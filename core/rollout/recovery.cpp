#include "core/rollout/recovery.h"

#include "core/rollout/record_json.h"

#include <ranges>

namespace perch::rollout {

namespace {

using PlanState = JournalPlan::State;
using StepState = JournalStep::State;

} // namespace

Recovery::Recovery(const ExecutionParts& parts, const ActorLock& lock, JournalPlan entry, std::stop_token stop)
    : m_parts(parts), m_lock(lock), m_entry(std::move(entry)),
      m_writer(parts.backend, lock, parts.clock, m_entry.plan.intent, parts.crashPoint), m_stop(std::move(stop)) {}

RecoveredPlan Recovery::result(RecoveredPlan::Result outcome, std::string message) const {
    return {m_entry.plan.id, m_entry.plan.intent.model, m_entry.plan.intent.action, outcome, std::move(message)};
}

Result<bool> Recovery::tookEffect(const Step& step) const {
    const FieldState now = TRY(m_parts.backend.read(step.object, step.field));
    return sameValue(step, now.value, step.after);
}

Result<bool> Recovery::mustFinish() const {
    if (m_entry.state != PlanState::Running)
        return m_entry.state == PlanState::Finishing;
    if (isUrgent(m_entry.plan.intent.action))
        return true;
    // What a plan is for is its traffic; of a shadow that is the copies.
    for (const char* field : {"split", "target"}) {
        const auto traffic = std::ranges::find(m_entry.steps, field, [](const JournalStep& s) { return s.step.field; });
        if (traffic != m_entry.steps.end())
            return tookEffect(traffic->step);
    }
    // Where replicas divide the traffic it has moved when the last of their numbers was written.
    for (const JournalStep& entry : std::views::reverse(m_entry.steps)) {
        if (entry.step.field == "replicas" && entry.step.required)
            return tookEffect(entry.step);
    }
    // Without traffic the plan is its record: it was written or it was not.
    return m_entry.steps.empty() ? Result<bool>(false) : tookEffect(m_entry.steps.front().step);
}

Result<std::string> Recovery::finishSteps() {
    const Expect expect = isUrgent(m_entry.plan.intent.action) ? Expect::Anything : Expect::Before;
    for (std::size_t index = 0; index < m_entry.steps.size(); ++index) {
        const JournalStep& entry = m_entry.steps[index];
        if (entry.state == StepState::Done)
            continue;
        // The plan's values, not those of the dead executor's last look.
        const Step& step = m_entry.plan.steps[index];
        std::string detail;
        auto prepared = m_writer.prepare(step, expect);
        if (!prepared && prepared.error().code == ErrorCode::Conflict && step.required)
            return prepared.error().message;
        Result<void> applied = prepared ? m_writer.apply(*prepared, m_stop) : Result<void>(prepared.error());
        if (!applied && step.required)
            return applied.error();
        if (!applied)
            detail = applied.error().message;
        TRY(m_parts.journal.endStep(m_entry.plan.id, index, detail));
    }
    return std::string();
}

Result<std::string> Recovery::undoStep(const Step& step) {
    const FieldState now = TRY(m_parts.backend.read(step.object, step.field));
    if (sameValue(step, now.value, step.before))
        return std::string();
    if (!sameValue(step, now.value, step.after))
        return fmt::format("{} {} was changed by somebody else and stays as it is.", step.object, step.field);
    Step back = step;
    std::swap(back.before, back.after);
    back.title = step.undo;
    back.uid.clear();
    back.before = now.value;
    TRY(m_writer.apply({back, false}, m_stop));
    return std::string();
}

/// The record as it was before the plan. There is no way to remove one that the plan created: it then says that no
/// rollout runs.
Result<void> Recovery::restoreRecord() {
    const auto first = std::ranges::find_if(m_entry.plan.steps, isRecord);
    if (first == m_entry.plan.steps.end())
        return {};
    const fleet::RolloutRecord before = TRY(parseRecord(first->before));
    return m_writer.amendRecord(*first, "Take the rollout record back", [&](fleet::RolloutRecord& now) {
        if (sameRollout(now, before))
            return false;
        const std::uint64_t revision = now.revision;
        const std::string head = now.auditHead, writer = now.auditWriter;
        now = before;
        now.revision = revision;
        now.auditHead = head;
        now.auditWriter = writer;
        now.fence = m_lock.fence();
        return true;
    });
}

Result<std::string> Recovery::undoSteps() {
    std::string foreign;
    for (const JournalStep& entry : std::views::reverse(m_entry.steps)) {
        if (entry.state == StepState::Planned || isRecord(entry.step))
            continue;
        const std::string reason = TRY(undoStep(entry.step));
        if (!reason.empty())
            foreign = reason;
    }
    if (foreign.empty())
        TRY(restoreRecord());
    return foreign;
}

/// Neither side can be reached: the record says so, and a person decides (retry, abort, roll back).
Result<void> Recovery::noteForeign(const std::string& reason) {
    const auto first = std::ranges::find_if(m_entry.plan.steps, isRecord);
    if (first == m_entry.plan.steps.end())
        return {};
    return m_writer.amendRecord(*first, "Record why it stopped", [&](fleet::RolloutRecord& now) {
        const bool open = !now.finished && now.failure.empty();
        now.failure = "The program that acted died. " + reason;
        return open;
    });
}

Result<RecoveredPlan> Recovery::run() {
    const std::string what = fmt::format("{} of {}", toString(m_entry.plan.intent.action), m_entry.plan.intent.model.text());
    if (m_entry.state == PlanState::Executed) {
        TRY(auditPlan(m_parts, m_entry, m_writer));
        return result(RecoveredPlan::Result::AuditOnly, fmt::format("The audit record of {} was missing.", what));
    }
    const bool finish = TRY(mustFinish());
    m_writer.crashPoint("direction");
    TRY(m_parts.journal.setState(m_entry.plan.id, finish ? PlanState::Finishing : PlanState::Undoing));
    const std::string foreign = TRY(finish ? finishSteps() : undoSteps());
    RecoveredPlan recovered = result(finish ? RecoveredPlan::Result::Finished : RecoveredPlan::Result::Undone,
        fmt::format("The {} was interrupted and has been {}.", what, finish ? "finished" : "undone"));
    std::string word = finish ? "finished_after_crash" : "undone_after_crash";
    if (!foreign.empty()) {
        TRY(noteForeign(foreign));
        word = "failed";
        recovered = result(RecoveredPlan::Result::Foreign, fmt::format("The {} was interrupted. {}", what, foreign));
    }
    m_writer.crashPoint("recovered");
    TRY(m_parts.journal.finish(m_entry.plan.id, word, foreign, finish && foreign.empty() ? StepState::Done : StepState::Failed));
    TRY(auditPending(m_parts, m_entry.plan.intent.model, m_writer));
    return recovered;
}

} // namespace perch::rollout
