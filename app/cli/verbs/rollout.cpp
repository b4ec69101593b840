#include "app/cli/open_platform.h"
#include "app/cli/verbs.h"
#include "app/cli/verbs/rollout_status.h"
#include "core/base/number_format.h"
#include "core/rollout/plan_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>

namespace perch::cli {

namespace {

using nlohmann::json;
using rollout::Action;
using rollout::ExecutionReport;
using rollout::Intent;
using rollout::Plan;
using rollout::StepOutcome;
using rollout::StepProgress;

struct RolloutArguments {
    std::string model, to, weight, weightOption, reason;
    bool full = false;
};

/// The verbs of `perch rollout` and the actions behind them.
struct RolloutVerb {
    const char* name;
    const char* description;
    Action action;
};
constexpr RolloutVerb kVerbs[] = {
    {"start", "Start a canary of a version", Action::Start},
    {"promote", "Go to the next step, or with --full send all traffic", Action::Promote},
    {"set-weight", "Set the share of traffic of the canary", Action::SetWeight},
    {"pause", "Hold the steps of the rollout", Action::Pause},
    {"resume", "Let the steps go on", Action::Resume},
    {"shadow", "Send a version copies of a share of the requests; abort ends it", Action::Shadow},
    {"abort", "Send all traffic back to stable and stop the canary or the shadow", Action::Abort},
    {"retry", "Do again what failed", Action::Retry},
    {"rollback", "Send all traffic to an earlier version", Action::RollBack},
};

Result<Intent> intentOf(const Context& context, Action action, const RolloutArguments& arguments) {
    Intent intent;
    intent.action = action == Action::Promote && arguments.full ? Action::PromoteFully : action;
    intent.model = TRY(ModelName::parse(arguments.model));
    if (!arguments.to.empty())
        intent.to = TRY(Version::parse(arguments.to));
    const std::string& weight = arguments.weight.empty() ? arguments.weightOption : arguments.weight;
    if (!weight.empty())
        intent.weight = TRY(Percent::parse(weight));
    intent.reason = arguments.reason;
    intent.actor = {context.identity(), "perch"};
    return intent;
}

Result<int> runPlan(const Context& context, Action action, const RolloutArguments& arguments) {
    const Intent intent = TRY(intentOf(context, action, arguments));
    const auto platform = TRY(openPlatform(context));
    const Plan plan = TRY(platform->operations().plan(intent, context.stop));
    if (context.json)
        printJson(rollout::toJson(plan));
    else
        fmt::print("{}", rollout::planText(plan));
    return 0;
}

const char* wordOf(StepOutcome::State state) {
    switch (state) {
    case StepOutcome::State::Done:
        return "done";
    case StepOutcome::State::AlreadySo:
        return "already_so";
    case StepOutcome::State::Failed:
        break;
    }
    return "failed";
}

double milliseconds(Seconds time) {
    return time.count() * 1'000;
}

json toJson(const ExecutionReport& report) {
    json steps = json::array();
    for (const StepOutcome& outcome : report.steps) {
        steps.push_back({{"title", outcome.step.title},
                         {"object", outcome.step.object},
                         {"field", outcome.step.field},
                         {"before", outcome.step.before},
                         {"after", outcome.step.after},
                         {"state", wordOf(outcome.state)},
                         {"detail", outcome.detail},
                         {"took_ms", milliseconds(outcome.took)}});
    }
    json audit;
    if (report.audit)
        audit = {{"writer", report.audit->writer}, {"sequence", report.audit->sequence}, {"hash", report.audit->hash}};
    return {{"result", "done"},
            {"plan", report.planId},
            {"steps", std::move(steps)},
            {"notes", report.notes},
            {"took_ms", milliseconds(report.took)},
            {"audit", std::move(audit)}};
}

void print(const ExecutionReport& report) {
    for (const StepOutcome& outcome : report.steps)
        fmt::print("{:<10} {} ({})\n", wordOf(outcome.state), outcome.step.title,
                   formatLatency(milliseconds(outcome.took)));
    for (const std::string& note : report.notes)
        fmt::print("note: {}\n", note);
    if (report.audit)
        fmt::print("Done in {}, audit record {} {}.\n", formatLatency(milliseconds(report.took)),
                   report.audit->sequence, report.audit->hash.substr(0, 12));
    else
        fmt::print("Done in {}.\n", formatLatency(milliseconds(report.took)));
}

/// What a dead executor left is ended first, and said. An abort or a rollback does not wait for that.
Result<void> recoverFirst(const Context& context, rollout::Operations& operations, Action action) {
    if (rollout::isUrgent(action))
        return {};
    for (const rollout::RecoveredPlan& recovered : TRY(operations.recover(context.stop)))
        std::cerr << recovered.message << '\n';
    return {};
}

Result<int> runAction(const Context& context, Action action, const RolloutArguments& arguments) {
    const Intent intent = TRY(intentOf(context, action, arguments));
    if (context.readOnly)
        return fail(ErrorCode::Denied, "perch rollout {} writes to the platform, and --read-only is set.",
                    rollout::toString(action));
    const auto platform = TRY(openPlatform(context));
    rollout::Operations& operations = platform->operations();
    TRY(recoverFirst(context, operations, intent.action));
    const Plan plan = TRY(operations.plan(intent, context.stop));
    if (!context.yes) {
        // With --json stdout belongs to the result.
        (context.json ? std::cerr : std::cout) << rollout::planText(plan) << std::flush;
        if (!context.confirm("Carry this plan out?"))
            return fail(ErrorCode::Cancelled, "Not confirmed: nothing was changed.");
    } else if (!context.json) {
        for (const std::string& warning : plan.warnings)
            std::cerr << "warning: " << warning << '\n';
    }
    const auto progress = [&](const StepProgress& step) {
        if (step.state == StepProgress::State::Begun)
            context.progress(fmt::format("{} of {}: {}", step.index + 1, step.count, step.title));
    };
    const ExecutionReport report = TRY(operations.execute(plan, progress, context.stop));
    context.endProgress();
    if (context.json)
        printJson(toJson(report));
    else
        print(report);
    return 0;
}

using RolloutBody = Result<int> (*)(const Context&, Action, const RolloutArguments&);

void addActions(CLI::App& group, const std::shared_ptr<RolloutArguments>& arguments, RolloutBody body) {
    for (const RolloutVerb& one : kVerbs) {
        const Action action = one.action;
        CLI::App* verb = addVerb(group, one.name, one.description, [arguments, body, action](const Context& context) {
            return body(context, action, *arguments);
        });
        verb->add_option("model", arguments->model, "Name of the model")->required();
        verb->add_option("--reason", arguments->reason, "Why; kept in the audit");
        if (action == Action::Start || action == Action::Shadow || action == Action::RollBack)
            verb->add_option("--to", arguments->to, "Version, e.g. v7");
        if (action == Action::Start)
            verb->add_option("--weight", arguments->weightOption, "Share of the traffic in percent, e.g. 10");
        if (action == Action::Shadow)
            verb->add_option("--share", arguments->weightOption, "Share of the requests in percent, 10 if not given");
        if (action == Action::SetWeight) {
            verb->add_option("weight", arguments->weight, "Share of the traffic in percent, e.g. 25");
            verb->add_option("--weight", arguments->weightOption, "The same as an option");
        }
        if (action == Action::Promote)
            verb->add_flag("--full", arguments->full, "Send all traffic at once; lists the gates that it skips");
    }
}

} // namespace

void addRolloutVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("rollout", "Start, step, promote, abort and roll back versions");
    group->require_subcommand(1);
    const auto arguments = std::make_shared<RolloutArguments>();
    addActions(*group, arguments, runAction);
    addRolloutStatus(*group);
    CLI::App* plan = group->add_subcommand("plan", "Show the plan of an action without doing it");
    plan->require_subcommand(1);
    addActions(*plan, arguments, runPlan);
}

} // namespace perch::cli
