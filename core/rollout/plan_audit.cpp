#include "core/rollout/executor.h"
#include "core/rollout/plan_text.h"
#include "core/rollout/split.h"

namespace perch::rollout {

namespace {

std::string outcomeOf(const JournalStep& step, const std::string& result) {
    switch (step.state) {
    case JournalStep::State::Planned:
        return "not begun";
    case JournalStep::State::Begun:
        return "begun";
    case JournalStep::State::Failed:
        return step.detail.empty() ? "failed" : "failed: " + step.detail;
    case JournalStep::State::Done:
        break;
    }
    return result == "undone_after_crash" ? "undone" : "done";
}

/// `v1 90, v2 10 -> v2 100`; without traffic the copies that begin or end, else the title of the first step.
std::string summaryOf(const JournalPlan& entry) {
    for (const JournalStep& step : entry.steps) {
        if (step.step.field == "split")
            return fmt::format("Traffic {} -> {}", step.step.before.empty() ? "none" : step.step.before, step.step.after);
    }
    std::string scaled;
    for (const JournalStep& step : entry.steps) {
        if (step.step.field == "target")
            return step.step.title;
        if (step.step.field == "replicas")
            scaled += fmt::format("{}{} {} -> {}", scaled.empty() ? "Replicas of " : ", ",
                                  step.step.object.substr(step.step.object.find('/') + 1), step.step.before,
                                  step.step.after);
    }
    if (!scaled.empty())
        return scaled;
    return entry.steps.empty() ? std::string(toString(entry.plan.intent.action)) : entry.steps.front().step.title;
}

} // namespace

AuditRecord auditRecordOf(const JournalPlan& entry, SystemTime now) {
    AuditRecord record;
    record.at = now;
    record.actor = entry.plan.intent.actor;
    record.action = toString(entry.plan.intent.action);
    record.model = entry.plan.intent.model.text();
    record.summary = summaryOf(entry);
    record.reason = entry.plan.intent.reason;
    record.planId = entry.plan.id;
    record.planDigest = entry.digest;
    record.evidence = entry.evidence;
    record.result = entry.result;
    record.error = entry.error;
    for (const JournalStep& step : entry.steps) {
        record.steps.push_back({step.step.title, step.step.object, step.step.field, step.step.before, step.step.after,
            outcomeOf(step, entry.result)});
    }
    return record;
}

Result<AuditHead> auditPlan(const ExecutionParts& parts, const JournalPlan& entry, const StepWriter& writer) {
    writer.crashPoint("audit");
    const AuditHead head = TRY(parts.audit.append(auditRecordOf(entry, parts.clock.now())));
    writer.crashPoint("close");
    TRY(parts.journal.close(entry.plan.id, head));
    const auto recordStep = std::ranges::find_if(entry.plan.steps, isRecord);
    if (recordStep == entry.plan.steps.end())
        return head;
    // The seal is a second witness of the head; where it does not get through, the journal's is enough.
    (void)writer.amendRecord(*recordStep, "Seal the rollout record with the audit", [&](fleet::RolloutRecord& record) {
        record.auditHead = head.hash;
        record.auditWriter = head.writer;
        return true;
    }).has_value();
    return head;
}

Result<void> auditPending(const ExecutionParts& parts, const ModelName& model, const StepWriter& writer) {
    for (const JournalPlan& entry : TRY(parts.journal.unclosed())) {
        if (entry.state == JournalPlan::State::Executed && entry.plan.intent.model == model)
            TRY(auditPlan(parts, entry, writer));
    }
    return {};
}

} // namespace perch::rollout
