#pragma once

#include "core/base/json.h"
#include "core/platforms/local/local_settings.h"
#include "tests/support/load.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::test {

/// How a run of the program ended.
struct PerchRun {
    int exitCode = -1; ///< -1: killed
    std::string out;
    std::string err;
    nlohmann::json document() const {
        const auto parsed = parseJson(out, "the output of perch");
        EXPECT_TRUE(parsed.has_value()) << out << err;
        return parsed ? *parsed : nlohmann::json();
    }
};

/// The built `perch` with a workspace of its own, run as a person runs it.
class InstalledPerch {
public:
    InstalledPerch() : m_port(valueOf(local::findFreePort())) {}

    const std::filesystem::path& workspace() const { return m_folder.path(); }
    std::uint16_t port() const { return m_port; }

    pid_t spawn(const std::vector<std::string>& arguments) {
        std::vector<std::string> words{(programFolder() / "perch").string(), "--workspace", m_folder.path().string()};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> pointers;
        for (std::string& word : words)
            pointers.push_back(word.data());
        pointers.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto redirect = [](const std::filesystem::path& file, int to) {
                ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), to);
            };
            redirect(m_output / "out", STDOUT_FILENO);
            redirect(m_output / "err", STDERR_FILENO);
            ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
            ::execv(pointers[0], pointers.data());
            ::_exit(127);
        }
        return child;
    }
    PerchRun wait(pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, valueOf(readFile(m_output / "out")),
            valueOf(readFile(m_output / "err"))};
    }
    PerchRun run(const std::vector<std::string>& arguments) { return wait(spawn(arguments)); }
    /// A run that must end well.
    PerchRun must(const std::vector<std::string>& arguments) {
        PerchRun result = run(arguments);
        EXPECT_EQ(result.exitCode, 0) << testing::PrintToString(arguments) << "\n" << result.out << result.err;
        return result;
    }

    void train(const std::string& seed) {
        must({"train", "--data", (sourceFolder() / "resources/data/wa_churn.csv").string(), "--label", "churn", "--positive",
            "Yes", "--model", "churn", "--seed", seed, "--json"});
    }
    void up() { must({"local", "up", "--port", std::to_string(m_port), "--json"}); }
    void down() { (void)run({"local", "down"}); }
    nlohmann::json statusOf(const std::string& model) { return must({"status", model, "--json"}).document()["models"][0]; }

private:
    Folder m_folder;
    Folder m_output;
    std::uint16_t m_port;
};

/// The first rows of the churn table as request bodies, without the label.
inline std::vector<std::string> churnRequests(std::size_t count) {
    std::ifstream file(sourceFolder() / "resources/data/wa_churn.csv");
    const auto cells = [](const std::string& line) {
        std::vector<std::string> all;
        std::istringstream words(line);
        for (std::string word; std::getline(words, word, ',');)
            all.push_back(word);
        return all;
    };
    std::string line;
    std::getline(file, line);
    const std::vector<std::string> names = cells(line);
    std::vector<std::string> bodies;
    while (bodies.size() < count && std::getline(file, line)) {
        const std::vector<std::string> values = cells(line);
        std::string body;
        for (std::size_t i = 1; i < names.size() && i < values.size(); ++i)
            body += (body.empty() ? "{" : ",") + names[i] + ":" + (values[i].empty() ? "null" : values[i]);
        bodies.push_back(body + "}");
    }
    return bodies;
}

} // namespace perch::test
