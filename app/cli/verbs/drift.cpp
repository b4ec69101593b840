#include "core/drift/drift.h"

#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

struct DriftArguments {
    std::string reference, current;
    drift::DriftPreset preset = drift::DriftPreset::Perch;
};

std::string verdictWord(const std::optional<bool>& drifted) {
    return !drifted ? "undecided" : *drifted ? "drift" : "no drift";
}

void printHuman(const drift::DriftReport& report) {
    fmt::print("{} reference rows, {} current rows\n", formatCount(report.referenceRows),
               formatCount(report.currentRows));
    fmt::print("  {:<28} {:<20} {:>9}  {:>9}  {}\n", "column", "method", "score", "limit", "verdict");
    for (const drift::DriftedColumn& column : report.columns)
        fmt::print("  {:<28} {:<20} {:>9}  {:>9}  {}\n", column.name, column.method,
                   !column.score ? "no values"
                   : column.p    ? "p " + formatPValue(*column.p)
                                 : formatDecimal(*column.score, 3),
                   formatDecimal(column.threshold, 2), verdictWord(column.drifted));
    fmt::print("data set: {}. {}\n", verdictWord(report.drifted), report.reason);
}

Result<int> runDrift(const Context& context, const DriftArguments& arguments) {
    const drift::DriftReport report = TRY(drift::measureDriftOfFiles(arguments.reference, arguments.current,
                                                                     arguments.preset, *context.clock, context.stop));
    if (context.json)
        printJson(drift::toJson(report));
    else
        printHuman(report);
    return report.drifted == true ? 1 : 0;
}

} // namespace

void addDriftVerb(CLI::App& app) {
    const auto arguments = std::make_shared<DriftArguments>();
    CLI::App* verb = addVerb(app, "drift", "Compare the columns of two tables",
                             [arguments](const Context& context) { return runDrift(context, *arguments); });
    const std::map<std::string, drift::DriftPreset> presets{{"perch", drift::DriftPreset::Perch},
                                                            {"evidently", drift::DriftPreset::Evidently}};
    verb->add_option("--reference", arguments->reference, "CSV file to compare with, e.g. the training data")
        ->required();
    verb->add_option("--current", arguments->current, "CSV file to judge")->required();
    verb->add_option("--preset", arguments->preset,
                     "perch: PSI over the reference's bins; evidently: its default tests")
        ->transform(CLI::CheckedTransformer(presets))
        ->default_str("perch");
}

} // namespace perch::cli
