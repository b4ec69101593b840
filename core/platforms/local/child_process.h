#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace perch::local {

/// What to run. Both output streams are appended to `log`, which starts anew when it has grown large.
struct ChildCommand {
    std::vector<std::string> arguments; ///< the program's path first
    std::filesystem::path folder;       ///< working directory
    std::filesystem::path log;
};

/// How a process ended: `exited with code 1`, `was killed by signal 9`.
struct ChildExit {
    int status = 0;
    bool clean() const;
    std::string text() const;
};

/// A process that dies with us: it gets SIGKILL when the thread that started it ends (PR_SET_PDEATHSIG), so start
/// children from the main thread only. The object owns the process: it is killed and reaped when the object goes.
class ChildProcess {
public:
    /// NotFound or Denied that names the program if it cannot be executed.
    static Result<ChildProcess> start(const ChildCommand& command);
    ChildProcess(ChildProcess&& other) noexcept : m_pid(std::exchange(other.m_pid, -1)) {}
    ChildProcess& operator=(ChildProcess&& other) noexcept {
        std::swap(m_pid, other.m_pid);
        return *this;
    }
    ~ChildProcess();

    pid_t pid() const { return m_pid; }
    void signal(int number) const;
    /// How it ended, once it has; the object is empty then.
    std::optional<ChildExit> poll();

private:
    explicit ChildProcess(pid_t pid) : m_pid(pid) {}
    pid_t m_pid = -1;
};

/// Starts a process that outlives us: own session, no terminal, output to `log`. Returns its pid.
Result<pid_t> startDetached(const ChildCommand& command);

/// Whether a process of this machine runs: one that ended and waits to be reaped does not.
bool processLives(pid_t process);

} // namespace perch::local
