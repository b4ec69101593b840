#pragma once

#include <csignal>

namespace perch::http {

/// While it lives, a write of this thread to a connection that the other side closed is an error and no SIGPIPE: TLS
/// libraries write without asking for that. Signals of others are left as they are.
class PipeGuard {
public:
    PipeGuard();
    ~PipeGuard();
    PipeGuard(const PipeGuard&) = delete;
    PipeGuard& operator=(const PipeGuard&) = delete;

private:
    sigset_t m_before;
    bool m_waited; ///< one was pending before us
};

} // namespace perch::http
