#pragma once

#include "core/base/result.h"

#include <set>
#include <sys/types.h>

namespace perch::local {

/// Ends what our children leave behind. While one exists, a process whose parent died becomes ours instead of the
/// system's (PR_SET_CHILD_SUBREAPER), so that nothing which a killed child had started holds on to its port. One per
/// process, on the thread that starts children.
class OrphanReaper {
public:
    /// Internal if the system refuses.
    static Result<OrphanReaper> create();
    OrphanReaper(OrphanReaper&& other) noexcept : m_active(std::exchange(other.m_active, false)) {}
    ~OrphanReaper();

    /// Kills and reaps the children of this process that are not in `own`. Does not block.
    void advance(const std::set<pid_t>& own) const;
    /// All living children of this process and those that wait to be reaped.
    static std::set<pid_t> children();

private:
    OrphanReaper() = default;
    bool m_active = true;
};

} // namespace perch::local
