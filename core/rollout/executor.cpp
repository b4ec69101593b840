#include "core/rollout/executor.h"

#include "core/rollout/record_json.h"

namespace perch::rollout {

namespace {

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

const Step* recordStepOf(const Plan& plan) {
    const auto found = std::ranges::find_if(plan.steps, isRecord);
    return found == plan.steps.end() ? nullptr : &*found;
}

} // namespace

Executor::Executor(const ExecutionParts& parts, const ActorLock& lock, const Plan& plan,
    std::function<void(const StepProgress&)> progress, std::stop_token stop)
    : m_parts(parts), m_lock(lock), m_plan(plan),
      m_writer(parts.backend, lock, parts.clock, plan.intent, parts.crashPoint), m_progress(std::move(progress)),
      m_stop(std::move(stop)) {}

void Executor::tell(std::size_t index, StepProgress::State state, const std::string& detail) {
    if (m_progress)
        m_progress({state, index, m_plan.steps.size(), m_plan.steps[index].title, detail});
}

Result<void> Executor::journaled(const std::function<Result<void>()>& write) {
    if (!m_journalNote.empty())
        return {};
    Result<void> result = write();
    if (result || !isUrgent(m_plan.intent.action))
        return result;
    m_journalNote = "The journal could not be written, the rollout record says what was done: " + result.error().message;
    return {};
}

/// The record and the traffic begin in one commit, because each costs several syncs and the traffic is what a person
/// waits for. Only where the values of both are certain: a normal plan writes what it says or stops.
bool Executor::beginsTwo() const {
    return !isUrgent(m_plan.intent.action) && m_plan.steps.size() > 1 && isRecord(m_plan.steps[0]) &&
           m_plan.steps[1].field == "split";
}

Result<void> Executor::begin(std::size_t index, const Step& actual) {
    m_writer.crashPoint("begin");
    m_stepsBegun = index + 1;
    if (index == 0) {
        TRY(journaled([&] { return m_parts.journal.begin(m_plan, actual, beginsTwo() ? 2 : 1, m_parts.clock.now()); }));
        m_begun = true;
        return {};
    }
    if (index == 1 && beginsTwo())
        return {};
    const std::string detail = std::exchange(m_lastDetail, {});
    return journaled([&] { return m_parts.journal.advance(m_plan.id, index - 1, detail, actual); });
}

Result<void> Executor::runStep(std::size_t index, const PreparedStep& prepared) {
    const auto start = m_parts.clock.steadyNow();
    tell(index, StepProgress::State::Begun);
    const Result<void> applied = m_writer.apply(prepared, m_stop);
    StepOutcome outcome{prepared.step, prepared.alreadySo ? StepOutcome::State::AlreadySo : StepOutcome::State::Done, {},
        m_parts.clock.steadyNow() - start};
    if (!applied) {
        const Error& error = applied.error();
        tell(index, StepProgress::State::Failed, error.message);
        // Being stopped or taken over is never something that a plan can do without.
        const bool goesOn = !prepared.step.required && !m_stop.stop_requested() && m_lock.check().has_value();
        if (!goesOn)
            return error;
        outcome.state = StepOutcome::State::Failed;
        outcome.detail = error.message;
        m_lastDetail = error.message;
        m_report.notes.push_back(fmt::format("{} did not work: {}", prepared.step.title, error.message));
    } else {
        tell(index, prepared.alreadySo ? StepProgress::State::AlreadySo : StepProgress::State::Done);
    }
    m_report.steps.push_back(std::move(outcome));
    m_stepsEnded = index + 1;
    return {};
}

Result<void> Executor::runSteps() {
    const Expect expect = isUrgent(m_plan.intent.action) ? Expect::Anything : Expect::Before;
    for (std::size_t index = 0; index < m_plan.steps.size(); ++index) {
        const Step& step = m_plan.steps[index];
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Cancelled before: {}.", step.title);
        TRY(m_lock.check());
        auto prepared = m_writer.prepare(step, expect);
        if (!prepared && (step.required || !m_begun))
            return prepared.error();
        if (!prepared) {
            // A step that the plan can do without: journaled as begun and failed.
            TRY(begin(index, step));
            tell(index, StepProgress::State::Failed, prepared.error().message);
            m_report.steps.push_back({step, StepOutcome::State::Failed, prepared.error().message, Seconds(0)});
            m_report.notes.push_back(fmt::format("{} did not work: {}", step.title, prepared.error().message));
            m_lastDetail = prepared.error().message;
            m_stepsEnded = index + 1;
            continue;
        }
        TRY(begin(index, prepared->step));
        TRY(runStep(index, *prepared));
    }
    return {};
}

/// The journal says of each step what became of it; best effort, the plan's end is written next and decides.
void Executor::settleSteps() {
    if (!m_lastDetail.empty() && m_stepsEnded > 0)
        (void)m_parts.journal.endStep(m_plan.id, m_stepsEnded - 1, m_lastDetail).has_value();
    (void)m_parts.journal.settle(m_plan.id, m_stepsEnded, m_stepsBegun).has_value();
}

/// The plan stops here: says so in the rollout record, the journal and the audit. What was written stays; retry, abort
/// and roll back go on from it.
Error Executor::failPlan(Error error) {
    if (!m_begun)
        return error;
    const bool superseded = !m_lock.check();
    const std::string result = superseded ? "superseded" : error.code == ErrorCode::Cancelled ? "cancelled" : "failed";
    if (const Step* record = recordStepOf(m_plan); record != nullptr && !superseded) {
        const auto amended = m_writer.amendRecord(*record, "Record the failure", [&](fleet::RolloutRecord& now) {
            const bool ours = now.fence == m_lock.fence() && !now.finished;
            now.failure = capitalized(error.message);
            return ours;
        });
        if (!amended)
            error.trail.push_back("recording the failure: " + amended.error().message);
    }
    m_writer.crashPoint("finish");
    settleSteps();
    const auto finished = m_parts.journal.finish(m_plan.id, result, error.message, JournalStep::State::Failed);
    if (!finished)
        error.trail.push_back("writing the journal: " + finished.error().message);
    // Whoever took over audits this plan too.
    if (finished && !superseded) {
        if (const auto audited = auditPending(m_parts, m_plan.intent.model, m_writer); !audited)
            error.trail.push_back("writing the audit: " + audited.error().message);
    }
    return error;
}

Result<ExecutionReport> Executor::run() {
    const auto start = m_parts.clock.steadyNow();
    m_report.planId = m_plan.id;
    if (m_plan.steps.empty())
        return fail(ErrorCode::Conflict, "There is nothing to do.");
    if (Result<void> ran = runSteps(); !ran)
        return failPlan(std::move(ran).error());
    m_writer.crashPoint("end");
    if (!m_lastDetail.empty())
        TRY(journaled([&] { return m_parts.journal.endStep(m_plan.id, m_plan.steps.size() - 1, m_lastDetail); }));
    TRY(journaled([&] { return m_parts.journal.finish(m_plan.id, "done", "", JournalStep::State::Done); }));
    m_report.took = m_parts.clock.steadyNow() - start;
    const Result<void> audited = m_journalNote.empty() ? auditFromJournal() : auditFromReport();
    if (!audited) {
        m_report.notes.push_back(m_journalNote.empty()
                                     ? "The audit record waits in the journal and is written with the next action: " +
                                           audited.error().message
                                     : "There is no audit record of this: " + audited.error().message);
    }
    return std::move(m_report);
}

Result<void> Executor::auditFromJournal() {
    TRY(auditPending(m_parts, m_plan.intent.model, m_writer));
    for (const AuditHead& head : TRY(m_parts.journal.heads())) {
        if (head.writer == m_parts.audit.writer())
            m_report.audit = head;
    }
    return {};
}

/// Without a journal the record is made from what was seen here.
Result<void> Executor::auditFromReport() {
    m_report.notes.push_back(m_journalNote);
    JournalPlan entry{m_plan, digestOf(m_plan), m_plan.evidence, JournalPlan::State::Executed, "done", m_journalNote};
    for (const StepOutcome& outcome : m_report.steps) {
        const bool failed = outcome.state == StepOutcome::State::Failed;
        entry.steps.push_back({outcome.step, failed ? JournalStep::State::Failed : JournalStep::State::Done, outcome.detail});
    }
    m_report.audit = TRY(m_parts.audit.append(auditRecordOf(entry, m_parts.clock.now())));
    return {};
}

} // namespace perch::rollout
