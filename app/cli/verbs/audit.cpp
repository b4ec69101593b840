#include "app/cli/open_platform.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/present/audit_screen.h"
#include "core/rollout/plan_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

using nlohmann::json;
using rollout::AuditRecord;
using rollout::AuditVerification;

struct AuditArguments {
    std::string model, format = "jsonl", out;
    std::size_t limit = 20;
    bool full = false;
};

Result<std::vector<AuditRecord>> recordsOf(const Context& context, const AuditArguments& arguments) {
    const auto platform = TRY(openPlatform(context));
    std::vector<AuditRecord> records = TRY(platform->operations().auditRecords());
    if (!arguments.model.empty())
        std::erase_if(records, [&](const AuditRecord& record) { return record.model != arguments.model; });
    return records;
}

void print(const AuditRecord& record, bool full) {
    fmt::print("{}  {:<20} {:<14} {:<14} {:<12} {}  {}\n", toIso8601(record.at), record.actor.identity, record.action,
               record.model, record.result, record.hash.substr(0, 12), record.summary);
    if (!record.reason.empty())
        fmt::print("    reason: {}\n", record.reason);
    if (!record.error.empty())
        fmt::print("    error: {}\n", record.error);
    if (!full)
        return;
    for (const rollout::AuditedStep& step : record.steps) {
        fmt::print("    {} {}: {} -> {} ({})\n", step.object, step.field, rollout::valueWords(step.field, step.before),
                   rollout::valueWords(step.field, step.after), step.outcome);
    }
    fmt::print("    evidence {}: {}\n", record.evidenceHash.substr(0, 12), record.evidence);
}

Result<int> runShow(const Context& context, const AuditArguments& arguments) {
    std::vector<AuditRecord> records = TRY(recordsOf(context, arguments));
    if (records.size() > arguments.limit)
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(arguments.limit));
    if (context.json) {
        json list = json::array();
        for (const AuditRecord& record : records)
            list.push_back(rollout::toJson(record));
        printJson({{"records", std::move(list)}});
        return 0;
    }
    if (records.empty())
        fmt::print("There is no audit record yet.\n");
    for (const AuditRecord& record : records)
        print(record, arguments.full);
    return 0;
}

json toJson(const AuditVerification& verification) {
    json heads = json::array();
    for (const rollout::AuditHead& head : verification.heads)
        heads.push_back({{"writer", head.writer}, {"sequence", head.sequence}, {"hash", head.hash}});
    json problems = json::array();
    for (const rollout::AuditProblem& problem : verification.problems) {
        problems.push_back({{"kind", rollout::toString(problem.kind)},
                            {"writer", problem.writer},
                            {"sequence", problem.sequence},
                            {"message", problem.message}});
    }
    return {{"ok", verification.problems.empty()},
            {"records", verification.records},
            {"heads", std::move(heads)},
            {"problems", std::move(problems)}};
}

Result<int> runVerify(const Context& context, const AuditArguments&) {
    const auto platform = TRY(openPlatform(context));
    const AuditVerification verification = TRY(platform->operations().verifyAuditLog());
    const bool whole = verification.problems.empty();
    if (context.json) {
        printJson(toJson(verification));
        return whole ? 0 : 1;
    }
    for (const rollout::AuditProblem& problem : verification.problems)
        fmt::print("{}: {}\n", rollout::toString(problem.kind), problem.message);
    for (const rollout::AuditHead& head : verification.heads)
        fmt::print("{}: {} records, head {}\n", head.writer, head.sequence, head.hash.substr(0, 12));
    fmt::print("{}\n", whole ? fmt::format("The audit is whole: {} records.", verification.records)
                             : std::string("The audit is broken."));
    return whole ? 0 : 1;
}

Result<std::string> exported(const std::vector<AuditRecord>& records, const std::string& format, SystemTime now) {
    std::string text;
    if (format == "csv")
        return present::toCsv(present::makeAuditScreen(present::toAuditFacts(records, {}), now).rows);
    for (const AuditRecord& record : records)
        text += rollout::toJson(record).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return text;
}

Result<int> runExport(const Context& context, const AuditArguments& arguments) {
    const std::vector<AuditRecord> records = TRY(recordsOf(context, arguments));
    const std::string text = TRY(exported(records, arguments.format, context.clock->now()));
    if (arguments.out.empty()) {
        fmt::print("{}", text);
        return 0;
    }
    TRY(writeFileAtomically(arguments.out, text));
    if (context.json)
        printJson({{"file", arguments.out}, {"records", records.size()}});
    else
        fmt::print("{} records written to {}.\n", records.size(), arguments.out);
    return 0;
}

using AuditBody = Result<int> (*)(const Context&, const AuditArguments&);

} // namespace

void addAuditVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("audit", "What was done, by whom, why and on which evidence");
    group->require_subcommand(1);
    const auto arguments = std::make_shared<AuditArguments>();
    const auto add = [&](const char* name, const char* description, AuditBody body) {
        return addVerb(*group, name, description,
                       [arguments, body](const Context& context) { return body(context, *arguments); });
    };
    CLI::App* show = add("show", "The latest records, oldest first", runShow);
    show->add_option("--model", arguments->model, "Only this model");
    show->add_option("--limit", arguments->limit, "At most this many")->capture_default_str();
    show->add_flag("--full", arguments->full, "With every step and the evidence");
    add("verify", "Check every chain: exit code 1 when a record was changed, removed or added", runVerify);
    CLI::App* out = add("export", "All records as JSON lines or CSV", runExport);
    out->add_option("--model", arguments->model, "Only this model");
    out->add_option("--format", arguments->format, "jsonl or csv")
        ->check(CLI::IsMember({"jsonl", "csv"}))
        ->capture_default_str();
    out->add_option("--out", arguments->out, "File; without it stdout");
}

} // namespace perch::cli
