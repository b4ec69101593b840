#include "core/kube/program_run.h"

#include "core/base/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::kube {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLongestOutput = std::size_t{1} << 20;
constexpr std::size_t kLastRounds = 256;
constexpr milliseconds kProgramTick{50}; ///< how soon a stop, or the end of a program that left its pipes open, is seen

class Descriptor {
public:
    explicit Descriptor(int number = -1) : m_number(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void reset(int number) {
        close();
        m_number = number;
    }
    void close() {
        if (m_number >= 0)
            ::close(m_number);
        m_number = -1;
    }
    int get() const { return m_number; }

private:
    int m_number;
};

struct Pipe {
    Descriptor read, write;

    bool open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return false;
        read.reset(ends[0]);
        write.reset(ends[1]);
        return true;
    }
};

Result<std::string> pathOf(const Program& program) {
    if (program.command.find('/') != std::string::npos)
        return program.command;
    for (std::size_t begin = 0; begin <= program.path.size();) {
        const std::size_t end = std::min(program.path.find(':', begin), program.path.size());
        const std::string folder = program.path.substr(begin, end - begin);
        const std::string file = folder + "/" + program.command;
        if (!folder.empty() && ::access(file.c_str(), X_OK) == 0)
            return file;
        begin = end + 1;
    }
    return fail(ErrorCode::NotFound, "The program {} is in none of the folders of PATH.", program.command);
}

/// A null-terminated list of pointers into texts.
class CStrings {
public:
    void add(std::string text) { m_texts.push_back(std::move(text)); }
    char* const* get() {
        m_pointers.clear();
        for (std::string& text : m_texts)
            m_pointers.push_back(text.data());
        m_pointers.push_back(nullptr);
        return m_pointers.data();
    }

private:
    std::vector<std::string> m_texts;
    std::vector<char*> m_pointers;
};

CStrings environmentOf(const Program& program) {
    CStrings variables;
    const auto replaced = [&](std::string_view entry) {
        return std::ranges::any_of(program.environment, [&](const auto& own) {
            return entry.starts_with(own.first) && entry.substr(own.first.size()).starts_with('=');
        });
    };
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!replaced(*entry) && !std::string_view(*entry).starts_with("PATH="))
            variables.add(*entry);
    }
    for (const auto& [name, value] : program.environment)
        variables.add(name + "=" + value);
    if (!replaced("PATH="))
        variables.add("PATH=" + program.path);
    return variables;
}

/// A program that runs: killed with what it started, and reaped, when the object goes.
class Running {
public:
    Running(pid_t process, Program::Terminal terminal) : m_process(process), m_terminal(terminal) {}
    ~Running() {
        if (m_process <= 0)
            return;
        // One with the terminal has stayed in our group, so that Ctrl+C reaches it.
        ::kill(m_terminal == Program::Terminal::Yes ? m_process : -m_process, SIGKILL);
        while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    std::optional<int> ended() {
        int status = 0;
        if (m_process <= 0 || ::waitpid(m_process, &status, WNOHANG) != m_process)
            return std::nullopt;
        m_process = -1;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    pid_t m_process;
    Program::Terminal m_terminal;
};

struct Streams {
    Pipe out, err, report;
    Descriptor nothing;
};

/// Between fork and exec nothing may be allocated.
[[noreturn]] void becomeProgram(const char* file, char* const* arguments, char* const* variables,
                                const Streams& streams, Program::Terminal terminal) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool ready = ::dup2(streams.out.write.get(), STDOUT_FILENO) >= 0;
    if (terminal == Program::Terminal::No)
        ready = ready && ::setpgid(0, 0) == 0 && ::dup2(streams.nothing.get(), STDIN_FILENO) >= 0 &&
                ::dup2(streams.err.write.get(), STDERR_FILENO) >= 0;
    if (ready)
        ::execve(file, arguments, variables);
    const int reason = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(streams.report.write.get(), &reason, sizeof reason);
    ::_exit(127);
}

/// Takes what there is; closes the pipe at its end.
void drain(Descriptor& pipe, std::string& text) {
    char bytes[16'384];
    const ssize_t count = ::read(pipe.get(), bytes, sizeof bytes);
    if (count > 0)
        text.append(bytes, std::min(static_cast<std::size_t>(count), kLongestOutput - text.size()));
    else if (count == 0 || (errno != EINTR && errno != EAGAIN))
        pipe.close();
}

/// Waits up to a tick for output and takes it; false if there was none.
bool takeOutput(Streams& streams, ProgramEnd& end, milliseconds longest) {
    std::array<pollfd, 2> waiting{pollfd{streams.out.read.get(), POLLIN, 0}, pollfd{streams.err.read.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(longest.count())) <= 0)
        return false;
    if (waiting[0].revents != 0)
        drain(streams.out.read, end.out);
    if (waiting[1].revents != 0)
        drain(streams.err.read, end.err);
    return waiting[0].revents != 0 || waiting[1].revents != 0;
}

Result<ProgramEnd> waitForEnd(const Program& program, Running& running, Streams& streams, milliseconds deadline,
                              const std::stop_token& stop) {
    const auto end = steady_clock::now() + deadline;
    ProgramEnd result;
    for (std::optional<int> code; !code;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Running {} was cancelled.", program.command);
        if (steady_clock::now() >= end)
            return fail(ErrorCode::Timeout, "{} did not end within {} s.", program.command, deadline.count() / 1'000);
        takeOutput(streams, result, kProgramTick);
        code = running.ended();
        if (code)
            result.exitCode = *code;
    }
    // What it started may go on writing.
    for (std::size_t rounds = 0; rounds < kLastRounds && takeOutput(streams, result, milliseconds(0)); ++rounds) {
    }
    return result;
}

} // namespace

Result<ProgramEnd> runProgram(const Program& program, milliseconds deadline, const std::stop_token& stop) {
    const std::string file = TRY(pathOf(program));
    CStrings arguments, variables = environmentOf(program);
    arguments.add(program.command);
    for (const std::string& argument : program.arguments)
        arguments.add(argument);
    char* const* const argumentList = arguments.get();
    char* const* const variableList = variables.get();
    Streams streams;
    streams.nothing.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const bool opened = streams.nothing.get() >= 0 && streams.out.open() && streams.err.open() && streams.report.open();
    const pid_t process = opened ? ::fork() : -1;
    if (process == 0)
        becomeProgram(file.c_str(), argumentList, variableList, streams, program.terminal);
    if (process < 0)
        return fail(ErrorCode::Unavailable, "Cannot start {}: {}.", program.command, std::strerror(errno));
    Running running(process, program.terminal);
    streams.out.write.close();
    streams.err.write.close();
    streams.report.write.close();
    // Ends at once when exec closes the other end.
    int reason = 0;
    ssize_t count = 0;
    while ((count = ::read(streams.report.read.get(), &reason, sizeof reason)) < 0 && errno == EINTR) {
    }
    if (count > 0) {
        errno = reason;
        return fileError(file, "run");
    }
    return waitForEnd(program, running, streams, deadline, stop);
}

} // namespace perch::kube
