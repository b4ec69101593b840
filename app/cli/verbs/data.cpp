#include "app/cli/verbs/data.h"

#include "app/cli/action_record.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/training/training_job.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

/// What was read, left out and written, for people.
void printBuildReport(const data::BuildReport& report) {
    for (const data::SourceReport& source : report.sources) {
        fmt::print("Read {:<14} {:>10} rows, {}, {}\n", source.name, formatCount(source.counts.rows), source.place,
                   source.content.shortHex());
        if (source.counts.malformedRows + source.counts.malformedPages > 0)
            fmt::print("  {} malformed rows and {} pages left out\n", source.counts.malformedRows,
                       source.counts.malformedPages);
        for (const std::string& place : source.counts.places)
            fmt::print("  {}\n", place);
    }
    for (const data::EventCounts& events : report.events) {
        fmt::print("Events of {} by {}: {} used, {} outside of every window, {} of nobody in the table, {} without a "
                   "key, {} without a time\n",
                   events.source, events.key, formatCount(events.events), formatCount(events.outside),
                   formatCount(events.strangers), events.withoutKey, events.withoutTime);
    }
    for (const data::BadColumn& bad : report.badColumns) {
        fmt::print("{} cells of {}.{} are not {}\n", formatCount(bad.count), bad.source, bad.column, bad.expected);
        for (const data::BadColumn::Place& place : bad.first)
            fmt::print("  {}: \"{}\"\n", place.place, place.text);
    }
    fmt::print("{} rows read, {} rejected, {} duplicates, {} written in {} files ({})\n", formatCount(report.rowsRead),
               formatCount(report.rowsRejected), formatCount(report.rowsDuplicate), formatCount(report.rowsWritten),
               report.parts.size(), formatLatency(report.took.count() * 1'000));
    fmt::print("{}\n", report.place);
}

/// The audit line of a build that is done; its place for --json.
nlohmann::json recordBuild(const Context& context, const std::string& action, const data::BuildReport& report) {
    const Result<Workspace> workspace = context.workspace();
    if (!workspace)
        return nullptr;
    rollout::AuditRecord record;
    record.action = "data " + action;
    record.model = report.model;
    record.summary = fmt::format("{} rows from {} sources to {}, data {}", report.rowsWritten, report.sources.size(),
                                 report.place, report.digest().shortHex());
    record.result = "done";
    return recordAction(context, *workspace, std::move(record));
}

} // namespace

Result<spec::ModelSpec> loadDataSpec(const std::filesystem::path& config) {
    spec::ModelSpec spec = TRY(spec::loadModelSpec(config));
    training::resolvePaths(spec, config.parent_path());
    return spec;
}

void showBuildProgress(const Context& context, const data::BuildProgress& progress) {
    const std::string share = progress.share > 0 ? fmt::format(", {}", formatPercent(progress.share, 0)) : "";
    context.progress(fmt::format("{}: {} rows{}", progress.what, formatCount(progress.rows), share));
}

int finishBuild(const Context& context, const std::string& action, const data::BuildReport& report) {
    context.endProgress();
    nlohmann::json document = report.toJson();
    document["audit"] = recordBuild(context, action, report);
    if (context.json)
        printJson(std::move(document));
    else
        printBuildReport(report);
    return 0;
}

void addDataVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("data", "Build the table of a model from its sources, and check it");
    group->require_subcommand(1);
    addDataCheckVerb(*group);
    addDataProfileVerb(*group);
    addDataBuild(*group);
    addDataPublish(*group);
}

} // namespace perch::cli
