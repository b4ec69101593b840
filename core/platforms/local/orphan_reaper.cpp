#include "core/platforms/local/orphan_reaper.h"

#include "core/base/log.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace perch::local {

Result<OrphanReaper> OrphanReaper::create() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return fail(ErrorCode::Internal, "Cannot become the parent of orphans: {}.", std::strerror(errno));
    return OrphanReaper();
}

OrphanReaper::~OrphanReaper() {
    if (m_active)
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

std::set<pid_t> OrphanReaper::children() {
    std::set<pid_t> children;
    std::error_code code;
    // Each thread has a list of its own; adopted ones are in that of any thread.
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", code)) {
        std::ifstream list(task.path() / "children");
        for (pid_t child = 0; list >> child;)
            children.insert(child);
    }
    return children;
}

void OrphanReaper::advance(const std::set<pid_t>& own) const {
    for (const pid_t child : children()) {
        if (own.contains(child))
            continue;
        if (::kill(child, SIGKILL) == 0 && ::waitpid(child, nullptr, WNOHANG) == child)
            log::info("supervisor", "process {} was left behind by its parent and has been ended", child);
    }
}

} // namespace perch::local
