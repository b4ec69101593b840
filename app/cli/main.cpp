#include "app/cli/context.h"
#include "app/cli/runner.h"
#include "app/cli/verbs.h"
#include "core/base/log.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace perch;

/// Ctrl+C and TERM ask the verb to stop; a second one ends the program at once.
std::jthread watchSignals(std::stop_source source) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return std::jthread([source, signals](std::stop_token end) mutable {
        const timespec tick{0, 100'000'000};
        for (int count = 0; !end.stop_requested();) {
            if (sigtimedwait(&signals, nullptr, &tick) < 0)
                continue;
            if (++count > 1)
                _exit(130);
            source.request_stop();
        }
    });
}

int report(const Error& error, bool json) {
    if (json) {
        cli::printJson({{"error",
            {{"code", toString(error.code)}, {"message", error.message}, {"where", error.where},
                {"trail", error.trail}}}});
    }
    std::cerr << "perch: " << error.message << '\n';
    for (const std::string& activity : error.trail)
        std::cerr << "  while " << activity << '\n';
    return toExitCode(error.code);
}

int runVerb(cli::Context& context) {
    std::stop_source source;
    const std::jthread signals = watchSignals(source);
    context.stop = source.get_token();
    const Result<int> result = cli::chosenVerb()(context);
    context.endProgress();
    return result ? *result : report(result.error(), context.json);
}

} // namespace

int main(int argc, char** argv) {
    const RealClock clock;
    cli::Context context;
    context.clock = &clock;

    CLI::App app("Perch: train, serve, watch, promote and roll back machine-learning models.", "perch");
    app.set_version_flag("--version", PERCH_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--workspace", context.workspaceFolder, "Folder of the local installation");
    app.add_option("--kubeconfig", context.cluster.file, "This file instead of those in KUBECONFIG or ~/.kube/config");
    app.add_option("--context", context.cluster.context, "A context of the kubeconfig instead of the local platform");
    app.add_option("--namespace,-n", context.cluster.nameSpace, "This namespace instead of the context's");
    app.add_option("--prometheus", context.prometheus, "Address of the Prometheus that scrapes the cluster's models");
    app.add_flag("--json", context.json, "Print one JSON document on stdout");
    app.add_flag("--yes,-y", context.yes, "Do not ask");
    app.add_flag("--read-only", context.readOnly, "Refuse everything that writes to a platform");
    app.add_flag("--verbose,-v", context.verbose, "Log what happens to stderr");
    cli::addVerbs(app);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    if (context.verbose)
        log::setLevel(log::Level::Info);
    try {
        return runVerb(context);
    } catch (const std::exception& error) {
        return report(fail(ErrorCode::Internal, "This is a bug in Perch: {}.", error.what()), context.json);
    }
}
