#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "widgets/shell/facts.h"

#include <QObject>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace perch::console {

/// Reads the local platform once a second on a thread of its own and delivers facts on the GUI thread, only the newest:
/// facts that were not yet delivered are replaced. A platform that cannot be opened is tried again, and the facts say
/// why. Create, connect, start; the destructor stops the thread.
class PlatformFeed : public QObject {
    Q_OBJECT
public:
    PlatformFeed(const Workspace& workspace, const Clock& clock, present::ShellInput shell);
    ~PlatformFeed() override;
    void start();
    void readNow(); ///< F5, and after every write

    /// One read, at once, on the calling thread: for screenshots.
    static widgets::Facts readOnce(const Workspace& workspace, const Clock& clock, const present::ShellInput& shell);

Q_SIGNALS:
    void arrived(const perch::widgets::Facts& facts);

private:
    class Reader;
    void run(const std::stop_token& stop);
    void post(widgets::Facts facts);
    void deliver();

    Workspace m_workspace;
    const Clock& m_clock;
    present::ShellInput m_shell;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_readNow = false;
    std::optional<widgets::Facts> m_newest;
    std::jthread m_thread;
};

} // namespace perch::console
