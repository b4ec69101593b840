#include "core/http/pipe_guard.h"

#include <ctime>

namespace perch::http {

namespace {

sigset_t onlyPipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    return signals;
}

bool pipeIsPending() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

} // namespace

PipeGuard::PipeGuard() : m_before(), m_waited(pipeIsPending()) {
    const sigset_t signals = onlyPipe();
    pthread_sigmask(SIG_BLOCK, &signals, &m_before);
}

PipeGuard::~PipeGuard() {
    // What we caused is taken away before it could be delivered.
    const sigset_t signals = onlyPipe();
    constexpr timespec kAtOnce{0, 0};
    while (!m_waited && pipeIsPending() && sigtimedwait(&signals, nullptr, &kAtOnce) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

} // namespace perch::http
