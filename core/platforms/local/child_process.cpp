#include "core/platforms/local/child_process.h"

#include "core/base/file.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::local {

namespace {

constexpr off_t kLargestLog = 8 << 20;

enum class Life { WithParent, Detached };

/// Everything the child needs between fork and exec, prepared before: nothing may be allocated there.
struct Prepared {
    std::vector<char*> arguments;
    const char* folder = nullptr;
    int log = -1;
    int input = -1;
    int report = -1;
    pid_t parent = -1;
    Life life = Life::WithParent;
};

[[noreturn]] void runChild(const Prepared& prepared) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    bool ready = true;
    if (prepared.life == Life::WithParent) {
        // The parent may have died before the request took effect.
        ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == prepared.parent;
    } else {
        ready = ::setsid() > 0;
    }
    ready = ready && ::chdir(prepared.folder) == 0 && ::dup2(prepared.input, STDIN_FILENO) >= 0 &&
            ::dup2(prepared.log, STDOUT_FILENO) >= 0 && ::dup2(prepared.log, STDERR_FILENO) >= 0;
    if (ready)
        ::execv(prepared.arguments.front(), prepared.arguments.data());
    const int reason = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(prepared.report, &reason, sizeof reason);
    ::_exit(127);
}

int openLog(const std::filesystem::path& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && facts.st_size > kLargestLog)
        ::rename(file.c_str(), (file.string() + ".old").c_str());
    return ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

Result<pid_t> launch(const ChildCommand& command, Life life) {
    Prepared prepared;
    for (const std::string& argument : command.arguments)
        prepared.arguments.push_back(const_cast<char*>(argument.c_str()));
    prepared.arguments.push_back(nullptr);
    prepared.folder = command.folder.c_str();
    prepared.parent = ::getpid();
    prepared.life = life;
    prepared.log = openLog(command.log);
    if (prepared.log < 0)
        return fileError(command.log, "write");
    prepared.input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    int report[2] = {-1, -1};
    const bool piped = ::pipe2(report, O_CLOEXEC) == 0;
    prepared.report = report[1];
    const pid_t pid = piped ? ::fork() : -1;
    if (pid == 0)
        runChild(prepared);
    const int forkError = errno;
    for (const int descriptor : {prepared.log, prepared.input, report[1]}) {
        if (descriptor >= 0)
            ::close(descriptor);
    }
    int reason = 0;
    ssize_t count = 0;
    if (pid > 0) {
        // Ends at once when exec closes the other end.
        while ((count = ::read(report[0], &reason, sizeof reason)) < 0 && errno == EINTR) {
        }
    }
    if (report[0] >= 0)
        ::close(report[0]);
    if (pid < 0)
        return fail(ErrorCode::Unavailable, "Cannot start {}: {}.", command.arguments.front(), std::strerror(forkError));
    if (count > 0) {
        ::waitpid(pid, nullptr, 0);
        errno = reason;
        return fileError(command.arguments.front(), "run");
    }
    return pid;
}

} // namespace

bool ChildExit::clean() const {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string ChildExit::text() const {
    if (WIFSIGNALED(status))
        return fmt::format("was killed by signal {}", WTERMSIG(status));
    return fmt::format("exited with code {}", WEXITSTATUS(status));
}

Result<ChildProcess> ChildProcess::start(const ChildCommand& command) {
    return ChildProcess(TRY(launch(command, Life::WithParent)));
}

ChildProcess::~ChildProcess() {
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

void ChildProcess::signal(int number) const {
    if (m_pid > 0)
        ::kill(m_pid, number);
}

std::optional<ChildExit> ChildProcess::poll() {
    int status = 0;
    if (m_pid <= 0 || ::waitpid(m_pid, &status, WNOHANG) != m_pid)
        return std::nullopt;
    m_pid = -1;
    return ChildExit{status};
}

Result<pid_t> startDetached(const ChildCommand& command) {
    return launch(command, Life::Detached);
}

bool processLives(pid_t process) {
    if (process <= 0)
        return false;
    const auto stat = readFile(fmt::format("/proc/{}/stat", process), 4'096);
    const std::size_t name = stat ? stat->rfind(") ") : std::string::npos; // pid (name) state ...
    return name != std::string::npos && name + 2 < stat->size() && (*stat)[name + 2] != 'Z' && (*stat)[name + 2] != 'X';
}

} // namespace perch::local
