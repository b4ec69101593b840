#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/present/training_run.h"

#include <QObject>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace perch::console {

/// Follows the run folders of the workspace and this machine on a thread of its own, twice a second, and delivers what
/// it saw on the GUI thread: only the newest. Create, connect, start; the destructor stops the thread.
class TrainingFeed : public QObject {
    Q_OBJECT
public:
    TrainingFeed(const Workspace& workspace, const Clock& clock);
    ~TrainingFeed() override;
    void start();
    void readNow(); ///< after something was started or asked for

    /// One look on the calling thread: for screenshots.
    static present::TrainingFacts readOnce(const Workspace& workspace, const Clock& clock);

Q_SIGNALS:
    void arrived(std::shared_ptr<const perch::present::TrainingFacts> facts);

private:
    void run(const std::stop_token& stop);
    void post(present::TrainingFacts facts);
    void deliver();

    Workspace m_workspace;
    const Clock& m_clock;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_readNow = false;
    std::shared_ptr<const present::TrainingFacts> m_newest;
    std::jthread m_thread;
};

} // namespace perch::console
