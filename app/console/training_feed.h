#pragma once

#include "app/console/feed_thread.h"
#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/present/training_run.h"

namespace perch::console {

/// Follows the run folders of the workspace and this machine twice a second, see FeedThread. Create, connect, start.
class TrainingFeed : public QObject {
    Q_OBJECT
public:
    TrainingFeed(const Workspace& workspace, const Clock& clock);
    void start();
    void readNow(); ///< after something was started or asked for

    /// One look on the calling thread: for screenshots.
    static present::TrainingFacts readOnce(const Workspace& workspace, const Clock& clock);

Q_SIGNALS:
    void arrived(std::shared_ptr<const perch::present::TrainingFacts> facts);

private:
    Workspace m_workspace;
    const Clock& m_clock;
    FeedThread<present::TrainingFacts> m_feed;
};

} // namespace perch::console
