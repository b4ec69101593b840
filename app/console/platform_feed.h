#pragma once

#include "app/console/feed_thread.h"
#include "app/console/platform_opener.h"
#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "widgets/shell/facts.h"

namespace perch::console {

/// Reads the platform once a second, see FeedThread; what is the same as before does not arrive again. A platform that
/// cannot be opened is tried again, and the facts say why. Create, connect, start.
class PlatformFeed : public QObject {
    Q_OBJECT
public:
    PlatformFeed(const Workspace& workspace, const Clock& clock, present::ShellInput shell, PlatformOpener open);
    void start();
    void readNow(); ///< F5, and after every write

    /// One read, at once, on the calling thread: for screenshots.
    static widgets::Facts readOnce(const Workspace& workspace, const Clock& clock, const present::ShellInput& shell,
                                   const PlatformOpener& open);

Q_SIGNALS:
    void arrived(const perch::widgets::Facts& facts);

private:
    class Reader;

    Workspace m_workspace;
    const Clock& m_clock;
    present::ShellInput m_shell;
    PlatformOpener m_open;
    std::shared_ptr<const widgets::Facts> m_shown; ///< that arrived last
    FeedThread<widgets::Facts> m_feed;
};

} // namespace perch::console
