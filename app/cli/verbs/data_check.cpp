#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/data/build/model_inputs.h"
#include "core/data/quality/cell_text.h"
#include "core/data/quality/check_table.h"
#include "core/data/read_table.h"
#include "core/model/predict/package.h"
#include "core/registry/embedded_registry.h"
#include "core/spec/model_spec.h"
#include "core/training/training_data.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

struct CheckArguments {
    std::filesystem::path config, data, reference;
    std::string label;
};

/// The training data of the version before.
struct Previous {
    std::string name;
    data::ReferenceProfile profile;
};

Result<spec::ModelSpec> specOf(const CheckArguments& arguments) {
    spec::ModelSpec spec;
    if (!arguments.config.empty()) {
        spec = TRY(spec::loadModelSpec(arguments.config));
        training::resolvePaths(spec, arguments.config.parent_path());
    }
    if (!arguments.data.empty()) {
        spec.data = arguments.data;
        spec.sources.clear();
    }
    if (!arguments.label.empty())
        spec.label = arguments.label;
    if (spec.data.empty() && spec.sources.empty())
        return fail(ErrorCode::InvalidInput, "--data is needed, here or in the file of --config.");
    return spec;
}

/// The package that was named, else the version that is in production, else nothing.
Result<std::optional<Previous>> previousOf(const Context& context, const CheckArguments& arguments,
                                           const spec::ModelSpec& spec) {
    if (!arguments.reference.empty()) {
        model::Package package = TRY(model::Package::load(arguments.reference));
        return Previous{arguments.reference.filename().string(), std::move(package.reference)};
    }
    if (spec.name.text().empty())
        return std::nullopt;
    const Workspace workspace = TRY(context.workspace());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    const std::map<std::string, Version> aliases = TRY(registry->aliases(spec.name));
    const auto champion = aliases.find(registry::kChampion);
    if (champion == aliases.end())
        return std::nullopt;
    const registry::VersionRecord record = TRY(registry->version(spec.name, champion->second));
    model::Package package = TRY(model::Package::load(record.package, record.digest));
    return Previous{record.version.text(), std::move(package.reference)};
}

/// One table that was named as it is; by perch.yaml alone, the table that a training would read or build.
Result<data::Table> readSubject(const Context& context, const CheckArguments& arguments, const spec::ModelSpec& spec) {
    if (arguments.data.empty()) {
        const Workspace workspace = TRY(context.workspace());
        const auto activity = [&](const std::string& what) { context.progress(what); };
        training::TrainingData data =
            TRY(training::readTrainingData({.spec = spec}, workspace, *context.clock, activity, context.stop));
        return std::move(data.table);
    }
    data::ReadOptions options{.ignored = TRY(data::columnsWithoutInputs(
                                  spec.data, {spec.label, spec.training.split.column, spec.training.weightColumn})),
                              .maximumCategories = data::kMostTexts};
    options.ignored.insert(options.ignored.end(), spec.ignored.begin(), spec.ignored.end());
    if (!spec.label.empty())
        options.declared[spec.label] = data::FieldType::Category;
    context.progress(fmt::format("Reading {}", spec.data.string()));
    return data::readTable(data::sourceOfPath(spec.data.string()), {.clock = context.clock}, options, context.stop);
}

void printReport(const data::QualityReport& report) {
    fmt::print("{}: {} rows (counted from 1 after the header), {} columns\n",
               data::shownText(report.source, data::kLongestSource), formatCount(report.rows), report.columns);
    for (const data::QualityCheck& check : report.checks) {
        fmt::print("  {:<8} {:<12} {}\n", toString(check.verdict), check.name, check.sentence);
        if (check.verdict == data::QualityVerdict::Pass)
            continue;
        for (const data::QualityCell& cell : check.cells)
            fmt::print("  {:<8} {:<12}   row {}{}: {}\n", "", "", cell.row,
                       cell.column.empty() ? "" : ", " + data::shownText(cell.column), cell.text);
    }
    fmt::print("{}\n", report.summary());
}

Result<int> runCheck(const Context& context, const CheckArguments& arguments) {
    const spec::ModelSpec spec = TRY(specOf(arguments));
    const std::optional<Previous> previous = TRY(previousOf(context, arguments, spec));
    const data::Table table = TRY(readSubject(context, arguments, spec));
    context.endProgress();
    data::QualitySubject subject{.label = spec.label};
    if (previous) {
        subject.previous = &previous->profile;
        subject.previousName = previous->name;
    }
    if (spec.training.split.kind == spec::SplitSpec::Kind::Time) {
        subject.timeColumn = spec.training.split.column;
        subject.testShare = spec.training.split.testShare;
    }
    for (const std::string& name : {spec.training.split.column, spec.training.weightColumn}) {
        if (!name.empty())
            subject.ignored.insert(name);
    }
    const data::QualityReport report = data::checkTable(table, spec.quality, subject);
    if (context.json)
        printJson(report.toJson());
    else
        printReport(report);
    return report.failed() ? 1 : 0;
}

} // namespace

void addDataCheckVerb(CLI::App& data) {
    const auto arguments = std::make_shared<CheckArguments>();
    CLI::App* verb = addVerb(data, "check", "Hold a table against its limits; exit code 1 if a check fails",
                             [arguments](const Context& context) { return runCheck(context, *arguments); });
    verb->add_option("--config", arguments->config, "perch.yaml with the data, the label and the limits");
    verb->add_option(
        "--data", arguments->data,
        "Table in place of perch.yaml's: CSV, TSV, JSON Lines or Parquet; a file, a glob, a folder or s3://");
    verb->add_option("--label", arguments->label, "Column to predict");
    verb->add_option("--reference", arguments->reference,
                     "Package whose training data drift is measured against; default: of the version in production");
}

} // namespace perch::cli
