#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/data/quality/table_profile.h"
#include "core/data/read_table.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

constexpr std::size_t kShownTop = 3;
struct ProfileArguments {
    std::filesystem::path data, out;
};

std::string figure(double value) {
    return fmt::format("{:.6g}", value);
}

std::string topOf(const data::ColumnSummary& column, std::uint64_t rows) {
    std::vector<std::string> parts;
    for (const auto& [text, count] : column.top) {
        if (parts.size() < kShownTop)
            parts.push_back(fmt::format("{} {}", data::shownText(text),
                                        formatPercent(static_cast<double>(count) / static_cast<double>(rows), 0)));
    }
    if (column.top.size() > kShownTop)
        parts.emplace_back("...");
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string contentsOf(const data::ColumnSummary& column, std::uint64_t rows) {
    if (!column.numbers)
        return topOf(column, rows);
    const data::NumberSummary& numbers = *column.numbers;
    return fmt::format("{:>12} {:>12} {:>12} {:>12} {:>12} {:>12}", figure(numbers.minimum), figure(numbers.p25),
                       figure(numbers.median), figure(numbers.p75), figure(numbers.maximum), figure(numbers.mean));
}

void printProfile(const data::TableProfile& profile) {
    fmt::print("{}: {} rows, {} columns\n", data::shownText(profile.source, data::kLongestSource),
               formatCount(profile.rows), profile.columns.size());
    fmt::print("  {:<24} {:<9} {:>9} {:>9}  {:>12} {:>12} {:>12} {:>12} {:>12} {:>12}\n", "column", "type", "missing",
               "distinct", "least", "25 %", "median", "75 %", "most", "mean");
    for (const data::ColumnSummary& column : profile.columns)
        fmt::print("  {:<24} {:<9} {:>9} {:>9}  {}\n", data::shownText(column.name), toString(column.type),
                   formatCount(column.missing), formatCount(column.distinct), contentsOf(column, profile.rows));
}

Result<int> runProfile(const Context& context, const ProfileArguments& arguments) {
    context.progress(fmt::format("Reading {}", arguments.data.string()));
    const data::ReadOptions options{.maximumCategories = data::kMostTexts};
    const data::Table table = TRY(
        data::readTable(data::sourceOfPath(arguments.data.string()), {.clock = context.clock}, options, context.stop));
    context.endProgress();
    const data::TableProfile profile = data::profileTable(table);
    if (!arguments.out.empty()) {
        nlohmann::json document = profile.toJson();
        document["schema"] = 1;
        TRY(writeFileAtomically(arguments.out, document.dump(2) + "\n"));
    }
    if (context.json)
        printJson(profile.toJson());
    else
        printProfile(profile);
    return 0;
}

} // namespace

void addDataProfileVerb(CLI::App& data) {
    const auto arguments = std::make_shared<ProfileArguments>();
    CLI::App* verb = addVerb(data, "profile", "Types, missing cells, quantiles and most frequent texts of a table",
                             [arguments](const Context& context) { return runProfile(context, *arguments); });
    verb->add_option("--data", arguments->data,
                     "Table: CSV, TSV, JSON Lines or Parquet; a file, a glob, a folder or s3://")
        ->required();
    verb->add_option("--out", arguments->out, "Write the profile to this file as JSON, with all quantiles");
}

} // namespace perch::cli
