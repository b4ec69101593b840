#include "app/cli/context.h"

#include "app/cli/runner.h"
#include "core/base/identity.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace perch::cli {

std::string Context::identity() const {
    return processIdentity();
}

Result<std::shared_ptr<kube::ApiSession>> Context::session() const {
    const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
    return kube::openSession(cluster, terminal ? kube::Program::Terminal::Yes : kube::Program::Terminal::No, *clock);
}

bool Context::confirm(const std::string& question) const {
    if (yes)
        return true;
    if (!::isatty(STDIN_FILENO))
        return false;
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

void Context::progress(const std::string& line) const {
    if (!json && ::isatty(STDERR_FILENO))
        std::fprintf(stderr, "\r\033[K%s", line.c_str());
}

void Context::endProgress() const {
    if (!json && ::isatty(STDERR_FILENO))
        std::fputs("\r\033[K", stderr);
}

void printJson(nlohmann::json document) {
    nlohmann::ordered_json ordered;
    ordered["schema"] = 1;
    for (auto& [key, value] : document.items())
        ordered[key] = std::move(value);
    std::cout << ordered.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

CLI::App* addVerb(CLI::App& parent, const std::string& name, const std::string& description, VerbBody body) {
    CLI::App* verb = parent.add_subcommand(name, description);
    verb->final_callback([body = std::move(body)] { chosenVerb() = body; });
    return verb;
}

VerbBody& chosenVerb() {
    static VerbBody verb;
    return verb;
}

} // namespace perch::cli
