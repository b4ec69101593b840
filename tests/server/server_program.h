#pragma once

#include "tests/support/test_support.h"

#include <array>
#include <csignal>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace perch::test {

/// One run of the program, with what it prints.
class Program {
public:
    explicit Program(std::vector<std::string> arguments) {
        std::array<int, 2> out{}, err{};
        EXPECT_EQ(::pipe(out.data()), 0);
        EXPECT_EQ(::pipe(err.data()), 0);
        arguments.insert(arguments.begin(), (programFolder() / "perch-server").string());
        std::vector<char*> argv;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        m_pid = ::fork();
        if (m_pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(out[1], STDOUT_FILENO);
            ::dup2(err[1], STDERR_FILENO);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(out[1]);
        ::close(err[1]);
        m_out = out[0];
        m_err = err[0];
    }
    ~Program() {
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
        ::close(m_out);
        ::close(m_err);
    }
    /// The line that says that it is ready; empty if it ended before.
    std::string readyLine() {
        std::string line;
        for (char letter = 0; ::read(m_out, &letter, 1) == 1 && letter != '\n';)
            line += letter;
        return line;
    }
    std::string errors() {
        std::string text;
        char bytes[1024];
        for (ssize_t size = 0; (size = ::read(m_err, bytes, sizeof bytes)) > 0;)
            text.append(bytes, static_cast<std::size_t>(size));
        return text;
    }
    pid_t pid() const { return m_pid; }
    void signal(int number) const { ::kill(m_pid, number); }
    int exitCode() {
        int status = 0;
        ::waitpid(m_pid, &status, 0);
        m_pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t m_pid = 0;
    int m_out = -1, m_err = -1;
};

} // namespace perch::test
