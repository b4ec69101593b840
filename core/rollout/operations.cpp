#include "core/rollout/operations.h"

#include "core/rollout/executor.h"
#include "core/rollout/file_actor_lock.h"
#include "core/rollout/gate.h"
#include "core/rollout/record_json.h"
#include "core/rollout/recovery.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

struct Operations::Parts {
    fleet::FactsSource& facts;
    Backend& backend;
    Workspace workspace;
    const Clock& clock;
    Actor self;
    std::unique_ptr<ActorLocks> locks;
    Journal journal;
    AuditLog audit;
    CrashPoint crashPoint;

    ExecutionParts execution() { return {backend, journal, audit, clock, crashPoint}; }
    Result<Plan> freshPlan(const Plan& plan, std::stop_token stop);
    Result<void> checkGates(const Plan& plan, std::stop_token stop);
    Result<std::optional<RecoveredPlan>> recoverPlan(const JournalPlan& entry, std::stop_token stop);
    Result<void> recoverModel(const ModelName& model, std::stop_token stop);
};

namespace {

/// Whether two plans would write the same; the moment of writing does not count.
bool sameSteps(const Plan& one, const Plan& other) {
    const auto withoutTime = [](const Step& step) {
        if (!isRecord(step))
            return step.after;
        auto record = parseRecord(step.after);
        if (!record)
            return step.after;
        record->stepSince = {};
        record->startedAt = {};
        record->revision = 0;
        record->auditHead.clear();
        record->auditWriter.clear();
        return toJson(*record).dump();
    };
    return std::ranges::equal(one.steps, other.steps, [&](const Step& a, const Step& b) {
        return a.object == b.object && a.field == b.field && (isRecord(a) || a.before == b.before) &&
               a.changes == b.changes && withoutTime(a) == withoutTime(b);
    });
}

/// The fence in the record that the plan was made from: the lock's number is above it even if its file was lost.
std::uint64_t fenceFloor(const Plan& plan) {
    for (const Step& step : plan.steps) {
        if (!isRecord(step))
            continue;
        const auto record = parseRecord(step.before);
        return record ? record->fence : 0;
    }
    return 0;
}

} // namespace

/// The plan as it would be made now, when the person read it too long ago.
Result<Plan> Operations::Parts::freshPlan(const Plan& plan, std::stop_token stop) {
    if (clock.now() - plan.madeAt <= kPlanLifetime)
        return plan;
    const fleet::SnapshotPtr snapshot =
        isUrgent(plan.intent.action) ? facts.readObjects(stop) : facts.read(stop);
    Plan again = TRY(makePlan(*snapshot, plan.intent, clock.now()));
    TRY(backend.tryOut(again, stop));
    if (!sameSteps(plan, again)) {
        return fail(ErrorCode::Conflict, "The plan is older than {} s and comes out differently now: read it again.",
            kPlanLifetime.count());
    }
    return again;
}

/// The verdicts that the plan relied on must not have become a fail meanwhile.
Result<void> Operations::Parts::checkGates(const Plan& plan, std::stop_token stop) {
    const bool relies = !plan.steps.empty() && std::ranges::any_of(plan.steps.front().preconditions,
        [](const Precondition& fact) { return fact.object.starts_with("Gate/"); });
    if (!relies)
        return {};
    const fleet::SnapshotPtr snapshot = facts.read(std::move(stop));
    const fleet::ModelFacts* model = snapshot->find(plan.intent.model);
    if (model == nullptr || !model->rollout.to)
        return fail(ErrorCode::Conflict, "{} has no rollout any more: read the plan again.", plan.intent.model.text());
    for (const GateVerdict& gate : gatesOf(*model, *model->rollout.to)) {
        if (gate.gate.required && gate.verdict == Verdict::Fail)
            return fail(ErrorCode::Conflict, "A gate that the plan relied on fails now: {}", gate.reason);
    }
    return {};
}

/// Nothing when a living executor holds the model.
Result<std::optional<RecoveredPlan>> Operations::Parts::recoverPlan(const JournalPlan& entry, std::stop_token stop) {
    auto lock = locks->acquire(entry.plan.intent.model, self, fenceFloor(entry.plan), Takeover::No, stop);
    if (!lock && lock.error().code == ErrorCode::Conflict)
        return std::optional<RecoveredPlan>();
    const std::unique_ptr<ActorLock> held = TRY(std::move(lock));
    // Only now is it certain that nobody else is at it; the journal is read again under the lock.
    for (JournalPlan& now : TRY(journal.unclosed())) {
        if (now.plan.id == entry.plan.id)
            return std::optional(TRY(Recovery(execution(), *held, std::move(now), stop).run()));
    }
    return std::optional<RecoveredPlan>();
}

Result<void> Operations::Parts::recoverModel(const ModelName& model, std::stop_token stop) {
    for (const JournalPlan& entry : TRY(journal.unclosed())) {
        if (entry.plan.intent.model == model)
            TRY(recoverPlan(entry, stop));
    }
    return {};
}

Operations::Operations(std::unique_ptr<Parts> parts)
    : m_parts(std::move(parts)) {}
Operations::~Operations() = default;

Result<std::unique_ptr<Operations>> Operations::open(fleet::FactsSource& facts, Backend& backend,
    const Workspace& workspace, const Clock& clock, const std::string& identity, std::unique_ptr<ActorLocks> locks) {
    if (locks == nullptr)
        locks = std::make_unique<FileActorLocks>(workspace.locks());
    Journal journal = TRY(Journal::open(workspace.journal()));
    AuditLog audit = TRY(AuditLog::open(workspace, identity));
    return std::unique_ptr<Operations>(new Operations(std::unique_ptr<Parts>(new Parts{
        facts, backend, workspace, clock, Actor{identity, "recovery"}, std::move(locks), std::move(journal), std::move(audit), {}})));
}

void Operations::setCrashPoint(CrashPoint crashPoint) {
    m_parts->crashPoint = std::move(crashPoint);
}

Result<Plan> Operations::plan(const Intent& intent, std::stop_token stop) {
    const fleet::SnapshotPtr snapshot = m_parts->facts.read(stop);
    Plan plan = TRY(makePlan(*snapshot, intent, m_parts->clock.now()));
    TRY(m_parts->backend.tryOut(plan, stop));
    return plan;
}

Result<ExecutionReport> Operations::execute(
    const Plan& given, const std::function<void(const StepProgress&)>& progress, std::stop_token stop) {
    Parts& parts = *m_parts;
    const bool urgent = isUrgent(given.intent.action);
    if (urgent)
        (void)Journal::giveUpRoom(parts.workspace.journal());
    if (given.blocked())
        return fail(ErrorCode::Denied, "The plan is blocked: {}",
            given.capacity.state == Check::State::Fail ? given.capacity.detail : given.dryRun.detail);
    if (!urgent) {
        TRY(parts.recoverModel(given.intent.model, stop));
        TRY(parts.audit.checkWritable());
    }
    const Plan plan = TRY(parts.freshPlan(given, stop));
    TRY(parts.checkGates(plan, stop));
    const std::unique_ptr<ActorLock> lock = TRY(parts.locks->acquire(
        plan.intent.model, plan.intent.actor, fenceFloor(plan), urgent ? Takeover::Yes : Takeover::No, stop));
    if (urgent) {
        // Best effort: a journal that cannot be written must not hold a rollback up.
        (void)parts.journal.supersede(plan.intent.model, plan.intent.actor.identity).has_value();
    }
    return Executor(parts.execution(), *lock, plan, progress, stop).run();
}

Result<std::vector<RecoveredPlan>> Operations::recover(std::stop_token stop) {
    std::vector<RecoveredPlan> recovered;
    for (const JournalPlan& entry : TRY(m_parts->journal.unclosed())) {
        if (auto one = TRY(m_parts->recoverPlan(entry, stop)))
            recovered.push_back(*std::move(one));
    }
    return recovered;
}

Result<std::vector<AuditRecord>> Operations::auditRecords() {
    return m_parts->audit.read();
}

Result<AuditVerification> Operations::verifyAuditLog() {
    std::vector<AuditHead> known = TRY(m_parts->journal.heads());
    const std::string installation = TRY(installationOf(m_parts->workspace));
    const fleet::SnapshotPtr snapshot = m_parts->facts.readObjects({});
    for (const fleet::ModelFacts& model : snapshot->models) {
        // On a cluster the last actor may have been of another installation: its chain is not here.
        const std::string& writer = model.rollout.auditWriter;
        if (!model.rollout.auditHead.empty() && (writer.empty() || writer.starts_with(installation + "-")))
            known.push_back({"", 0, model.rollout.auditHead, "the rollout record of " + model.model.text()});
    }
    return verifyAudit(m_parts->workspace.audit(), known);
}

Result<AuditHead> Operations::recordAction(AuditRecord record) {
    if (record.at == SystemTime())
        record.at = m_parts->clock.now();
    AuditHead head = TRY(m_parts->audit.append(std::move(record)));
    TRY(m_parts->journal.keepHead(head));
    return head;
}

} // namespace perch::rollout
