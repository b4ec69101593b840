#include "app/cli/action_record.h"
#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "app/cli/verbs/data.h"
#include "core/base/log.h"
#include "core/base/number_format.h"
#include "core/platforms/local/local_runtime.h"
#include "core/platforms/local/supervisor.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace perch::cli {

namespace {

using local::LocalRuntime;
using local::LocalStatus;

struct UpArguments {
    std::vector<std::string> configurations;
    std::optional<std::uint32_t> replicas;
    std::optional<std::uint16_t> port;
    std::optional<double> timeFactor;
    std::optional<std::string> environment;
};

nlohmann::json toDocument(const LocalStatus& status) {
    nlohmann::json document = status.toJson();
    document["running"] = true;
    document["urls"] = {{"predict", status.settings.predictUrl()},
                        {"feedback", status.settings.predictUrl() + "/v1/feedback"},
                        {"prometheus", status.settings.prometheusUrl()}};
    return document;
}

std::string stateWord(fleet::Replica::State state) {
    switch (state) {
    case fleet::Replica::State::Ready:
        return "ready";
    case fleet::Replica::State::Draining:
        return "draining";
    case fleet::Replica::State::Crashed:
        return "down";
    case fleet::Replica::State::Starting:
        break;
    }
    return "starting";
}

void printProcess(const fleet::Replica& process) {
    std::cout << fmt::format("  {:<28} {:<9} port {:<6} pid {:<8} restarts {}{}\n", process.name,
                             stateWord(process.state), process.port, process.processId, process.restarts,
                             process.reason.empty() ? "" : "  " + process.reason);
}

void printStatus(const LocalStatus& status) {
    std::cout << "Models      " << status.settings.predictUrl() << "\nFeedback    " << status.settings.predictUrl()
              << "/v1/feedback\nPrometheus  " << status.settings.prometheusUrl() << "\n\n";
    for (const fleet::Replica* process : {&status.router, &status.truth, &status.prometheus})
        printProcess(*process);
    for (const local::ReplicaStatus& replica : status.replicas)
        printProcess(replica.facts);
    if (status.replicas.empty())
        std::cout << "  No model is served yet. Train one: perch train --data F --label COL --model NAME\n";
}

void print(const Context& context, const LocalStatus& status) {
    if (context.json)
        printJson(toDocument(status));
    else
        printStatus(status);
}

nlohmann::json recordUp(const Context& context, const Workspace& workspace, bool ran, const Result<LocalStatus>& status) {
    rollout::AuditRecord record;
    record.action = "local_up";
    record.summary = ran ? "Bring the local platform up to date" : "Start the local platform";
    if (status) {
        record.summary += " at " + status->settings.predictUrl();
        record.result = "done";
    } else {
        record.result = status.error().code == ErrorCode::Cancelled ? "cancelled" : "failed";
        record.error = status.error().message;
    }
    return recordAction(context, workspace, std::move(record));
}

Result<int> up(const Context& context, const UpArguments& arguments) {
    if (context.readOnly)
        return fail(ErrorCode::Denied, "--read-only refuses to start the local platform.");
    local::UpOptions options{.replicas = arguments.replicas,
                             .port = arguments.port,
                             .timeFactor = arguments.timeFactor,
                             .environment = arguments.environment};
    for (const std::string& file : arguments.configurations)
        options.specs.push_back(TRY(loadDataSpec(file)));
    const Workspace workspace = TRY(context.workspace());
    LocalRuntime runtime = TRY(LocalRuntime::open(workspace, *context.clock));
    const bool ran = runtime.status().has_value();
    const auto status = runtime.up(options, [&](const std::string& line) { context.progress(line); }, context.stop);
    context.endProgress();
    const nlohmann::json audit = recordUp(context, workspace, ran, status);
    if (!status)
        return status.error();
    if (context.json) {
        nlohmann::json document = toDocument(*status);
        document["audit"] = audit;
        printJson(std::move(document));
    } else {
        printStatus(*status);
    }
    return 0;
}

Result<int> down(const Context& context) {
    if (context.readOnly)
        return fail(ErrorCode::Denied, "--read-only refuses to stop the local platform.");
    const Workspace workspace = TRY(context.workspace());
    LocalRuntime runtime = TRY(LocalRuntime::open(workspace, *context.clock));
    const bool ran = TRY(runtime.down(context.stop));
    nlohmann::json audit;
    if (ran) {
        rollout::AuditRecord record;
        record.action = "local_down";
        record.summary = "Stop the local platform";
        record.result = "done";
        audit = recordAction(context, workspace, std::move(record));
    }
    if (context.json)
        printJson({{"stopped", ran}, {"audit", std::move(audit)}});
    else
        std::cout << (ran ? "Stopped.\n" : "Nothing ran.\n");
    return 0;
}

Result<int> showStatus(const Context& context) {
    const Workspace workspace = TRY(context.workspace());
    LocalRuntime runtime = TRY(LocalRuntime::open(workspace, *context.clock));
    const auto status = runtime.status();
    if (status) {
        print(context, *status);
        return 0;
    }
    if (status.error().code != ErrorCode::NotFound)
        return status.error();
    if (context.json)
        printJson({{"running", false}});
    else
        std::cout << "The local platform does not run. Start it: perch local up\n";
    return 0;
}

Result<int> supervise(const Context& context, int owner) {
    log::setLevel(log::Level::Info);
    const auto programs = TRY(local::Programs::find());
    const Workspace workspace = TRY(context.workspace());
    TRY(local::superviseLocalPlatform(workspace, programs, *context.clock, owner, context.stop));
    return 0;
}

} // namespace

void addLocalVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("local", "Run models on this machine: HAProxy, Prometheus, replicas");
    group->require_subcommand(1);

    auto arguments = std::make_shared<UpArguments>();
    CLI::App* start = addVerb(*group, "up", "Start the platform, or bring it up to date, and wait until it is ready",
                              [arguments](const Context& context) { return up(context, *arguments); });
    start->add_option("--config", arguments->configurations, "perch.yaml of a model: limits, path, replicas, steps");
    start->add_option("--replicas", arguments->replicas, "Replicas of a version that takes traffic")
        ->check(CLI::Range(1, 64));
    start->add_option("--port", arguments->port, "Port of the models' address (8700 unless taken)")
        ->check(CLI::Range(1, 65535));
    start->add_option("--time-factor", arguments->timeFactor, "Story seconds per second, for demos")
        ->check(CLI::Range(1.0, 100'000.0));
    start->add_option("--environment", arguments->environment, "development, staging or production")
        ->check(CLI::IsMember({"development", "staging", "production"}));

    addVerb(*group, "status", "Show what runs", showStatus);
    addVerb(*group, "down", "Stop everything that `up` started", down);

    auto owner = std::make_shared<int>(0);
    CLI::App* keep = addVerb(*group, "supervise", "Keep the platform running in the foreground (`up` starts this)",
                             [owner](const Context& context) { return supervise(context, *owner); });
    keep->add_option("--owner", *owner, "End when this process ends");
}

} // namespace perch::cli
