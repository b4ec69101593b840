#include "core/http/client.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <array>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

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

TEST(ServerProgram, TheTruthStoreStartsAndEndsOnRequest) {
    const Folder folder;
    Program program({"truth", "--db", (folder / "truth.db").string(), "--port", "0", "--parent-death"});
    const json ready = json::parse(program.readyLine());
    EXPECT_EQ(ready["ready"], true);
    http::Client client;
    const std::string url = fmt::format("http://127.0.0.1:{}/healthz", ready["port"].get<int>());
    EXPECT_EQ(valueOf(client.send({.url = url})).status, 200);
    program.signal(SIGTERM);
    EXPECT_EQ(program.exitCode(), 0);
}

TEST(ServerProgram, NamesABusyPort) {
    const Folder folder;
    Program first({"truth", "--db", (folder / "1.db").string()});
    const std::string port = std::to_string(json::parse(first.readyLine())["port"].get<int>());
    Program second({"truth", "--db", (folder / "2.db").string(), "--port", port});
    EXPECT_EQ(second.readyLine(), "");
    EXPECT_EQ(second.errors(), "perch-server: Port " + port + " on 127.0.0.1 is already in use by another program.\n");
    EXPECT_EQ(second.exitCode(), 3);
}

TEST(ServerProgram, NamesWhatIsMissingOrWrong) {
    const Folder folder;
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{}, "--package and --version are needed"},
        {{"--package", "/nowhere/package", "--version", "v1"}, "/nowhere/package"},
        {{"--package", folder.path().string(), "--version", "latest"}, "latest"},
        {{"--package", folder.path().string(), "--version", "v1", "--digest", "abc"}, "abc"},
        {{"--package", folder.path().string(), "--version", "v1"}, folder.path().string()},
    };
    for (const auto& [arguments, expected] : cases) {
        Program program(arguments);
        EXPECT_EQ(program.readyLine(), "");
        EXPECT_THAT(program.errors(), HasSubstr(expected));
        EXPECT_EQ(program.exitCode(), 2);
    }
}

} // namespace
} // namespace perch::test
