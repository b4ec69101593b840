#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/platforms/local/programs.h"

#include <stop_token>
#include <sys/types.h>

namespace perch::local {

/// Keeps the local platform of a workspace: truth store, HAProxy, Prometheus and the replicas that the wanted state
/// asks for. One per workspace (a file lock), one thread; its children die with it. Publishes what it sees in
/// status.json at each change and at least once a second, and removes that file when it ends in order.
///
/// Returns when `stop` is requested, or when the process `owner` (0: nobody) is gone; everything it started has ended
/// by then. Conflict if another supervisor holds the workspace; Unavailable that names the port that is taken.
Result<void> superviseLocalPlatform(const Workspace& workspace, const Programs& programs, const Clock& clock,
                                    pid_t owner, std::stop_token stop);

} // namespace perch::local
