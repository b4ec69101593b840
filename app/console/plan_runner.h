#pragma once

#include "app/console/platform_opener.h"
#include "core/base/text.h"
#include "widgets/support/async.h"

#include <QObject>
#include <QThreadPool>

#include <memory>

namespace perch::local {
class LocalPlatform;
}

namespace perch::console {

/// The one thread that plans and writes: rollout::Operations of the local platform, opened there when first needed.
/// A newer plan makes an older one stale; what is being carried out is never dropped. Signals come on the GUI thread.
class PlanRunner : public QObject {
    Q_OBJECT
public:
    explicit PlanRunner(PlatformOpener open);
    ~PlanRunner() override;
    /// Finishes or undoes what a dead console left.
    void recover();
    void plan(const rollout::Intent& intent);
    void execute(const rollout::Plan& plan);

Q_SIGNALS:
    void planned(const perch::rollout::Plan& plan);
    void failed(const perch::Error& error);
    void progressed(const perch::rollout::Intent& intent, std::size_t done, const perch::Text& step);
    void done(const perch::rollout::Intent& intent, const std::vector<std::string>& notes);

private:
    Result<rollout::Operations*> operations();

    const PlatformOpener m_open;
    std::unique_ptr<rollout::Platform> m_platform; ///< only touched by the pool's thread
    QThreadPool m_pool;
    widgets::LatestOnly<rollout::Plan> m_planning;
    widgets::LatestOnly<rollout::ExecutionReport> m_executing;
    widgets::LatestOnly<std::vector<rollout::RecoveredPlan>> m_recovering;
};

} // namespace perch::console
