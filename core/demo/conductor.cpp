#include "core/demo/conductor.h"

#include "core/base/number_format.h"

namespace perch::demo {

namespace {

double millisecondsBetween(SteadyTime begin, SteadyTime end) {
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

std::uint64_t answersOf(const ReplayReport& report, Version version) {
    const auto found = report.byVersion.find(version);
    return found == report.byVersion.end() ? 0 : found->second;
}

} // namespace

Result<ActFigures> Conductor::act(rollout::Intent intent, std::stop_token stop) {
    intent.actor = m_actor;
    rollout::Operations& operations = m_stage->platform().operations();
    const rollout::Plan plan = TRY(operations.plan(intent, stop));
    if (plan.blocked()) {
        const rollout::Check& check = plan.dryRun.state == rollout::Check::State::Fail ? plan.dryRun : plan.capacity;
        return fail(ErrorCode::Conflict, "The plan to {} is blocked: {} {}", rollout::toString(intent.action),
                    check.headline, check.detail);
    }
    ActFigures figures{.confirmedAt = m_clock->steadyNow()};
    const auto progress = [&](const rollout::StepProgress& step) {
        const bool done = step.state == rollout::StepProgress::State::Done;
        if (done && step.index < plan.steps.size() && plan.steps[step.index].field == "split")
            figures.routeMs = millisecondsBetween(figures.confirmedAt, m_clock->steadyNow());
    };
    const rollout::ExecutionReport report = TRY(operations.execute(plan, progress, stop));
    figures.finishedMs = millisecondsBetween(figures.confirmedAt, m_clock->steadyNow());
    for (const rollout::StepOutcome& outcome : report.steps) {
        if (outcome.step.field == "split")
            figures.routeStepMs = outcome.took.count() * 1'000;
    }
    return figures;
}

Result<void> Conductor::recordTraining(const ModelName& model, const TrainedFigures& figures,
                                       const std::string& reason) {
    rollout::AuditRecord record;
    record.actor = m_actor;
    record.action = "train";
    record.model = model.text();
    record.summary = fmt::format("Trained {} on {} loans: accuracy {} on the test part.", figures.version,
                                 formatCount(figures.rows), formatPercent(figures.accuracy));
    record.reason = reason;
    record.result = "done";
    TRY(m_stage->platform().operations().recordAction(std::move(record)));
    return {};
}

void Conductor::beginSplit(Version version, double wanted, double changeMs) {
    endSplit();
    m_running = RunningSplit{
        version, {.version = version.text(), .wanted = wanted, .changeMs = changeMs}, m_stage->traffic().report()};
}

void Conductor::endSplit() {
    if (!m_running)
        return;
    const ReplayReport end = m_stage->traffic().report();
    SplitFigures figures = m_running->figures;
    figures.answers = answersOf(end, m_running->version) - answersOf(m_running->begin, m_running->version);
    figures.allAnswers = end.answered - m_running->begin.answered;
    m_splits.push_back(std::move(figures));
    m_running.reset();
}

} // namespace perch::demo
