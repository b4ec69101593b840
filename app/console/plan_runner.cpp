#include "app/console/plan_runner.h"

namespace perch::console {

PlanRunner::PlanRunner(PlatformOpener open)
    : m_open(std::move(open)), m_planning(this, &m_pool), m_executing(this, &m_pool), m_recovering(this, &m_pool) {
    m_pool.setObjectName(QStringLiteral("executor"));
    m_pool.setMaxThreadCount(1);
    m_pool.setExpiryTimeout(-1); // one thread for good: the platform belongs to it
}

PlanRunner::~PlanRunner() {
    m_planning.cancel();
    m_recovering.cancel();
    m_pool.clear();
    // A write under way is finished: its journal is open. Its waits have deadlines.
    m_pool.waitForDone();
}

Result<rollout::Operations*> PlanRunner::operations() {
    if (m_platform == nullptr)
        m_platform = TRY(m_open(kubernetes::Reading::Once));
    return &m_platform->operations();
}

void PlanRunner::recover() {
    m_recovering.start(
        [this](const std::stop_token& stop) -> Result<std::vector<rollout::RecoveredPlan>> {
            rollout::Operations* const operations = TRY(this->operations());
            return operations->recover(stop);
        },
        [this](Result<std::vector<rollout::RecoveredPlan>> result) {
            // A platform that cannot be opened is said by the feed; here only what was found matters.
            if (result && !result->empty())
                Q_EMIT failed(Error{ErrorCode::Conflict, "Recovered: " + result->front().message});
        });
}

void PlanRunner::plan(const rollout::Intent& intent) {
    m_planning.start(
        [this, intent](const std::stop_token& stop) -> Result<rollout::Plan> {
            rollout::Operations* const operations = TRY(this->operations());
            return operations->plan(intent, stop);
        },
        [this](Result<rollout::Plan> plan) {
            if (plan)
                Q_EMIT planned(*plan);
            else
                Q_EMIT failed(plan.error());
        });
}

void PlanRunner::execute(const rollout::Plan& plan) {
    const rollout::Intent intent = plan.intent;
    m_executing.start(
        [this, plan, intent](const std::stop_token&) -> Result<rollout::ExecutionReport> {
            rollout::Operations* const operations = TRY(this->operations());
            const auto progress = [this, intent](const rollout::StepProgress& step) {
                const std::size_t done = step.index + (step.state == rollout::StepProgress::State::Begun ? 0 : 1);
                const Text text = PERCH_TEXT("Shell", "%1 of %2: %3",
                    {std::to_string(step.index + 1), std::to_string(step.count), step.title});
                QMetaObject::invokeMethod(this, [this, intent, done, text] { Q_EMIT progressed(intent, done, text); },
                    Qt::QueuedConnection);
            };
            return operations->execute(plan, progress);
        },
        [this, intent](Result<rollout::ExecutionReport> report) {
            if (report)
                Q_EMIT done(intent, report->notes);
            else
                Q_EMIT failed(report.error());
        });
}

} // namespace perch::console
