#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/data/quality/spec_draft.h"
#include "core/data/read_table.h"
#include "core/spec/model_spec.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>

namespace perch::cli {

namespace {

constexpr std::size_t kLongestName = 63;

struct InitArguments {
    std::filesystem::path data, out = "perch.yaml";
    std::string label, model;
};

/// `wa_churn.csv` -> `wa-churn`
std::string nameFrom(const std::filesystem::path& data) {
    std::string name;
    for (const char c : data.filename().string().substr(0, data.filename().string().find('.'))) {
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    name.resize(std::min(name.size(), kLongestName));
    while (name.ends_with('-'))
        name.pop_back();
    return name;
}

/// The data as the file will name them, from its own folder.
std::string relativeData(const InitArguments& arguments) {
    if (arguments.data.string().find("://") != std::string::npos)
        return arguments.data.string();
    std::error_code code;
    const std::filesystem::path folder = std::filesystem::absolute(arguments.out, code).parent_path();
    const std::filesystem::path relative = std::filesystem::proximate(arguments.data, folder, code);
    return code || relative.empty() ? arguments.data.string() : relative.string();
}

Result<data::Table> readInput(const Context& context, const std::filesystem::path& file, const std::string& label) {
    data::ReadOptions options{.maximumCategories = data::kMostTexts};
    if (!label.empty())
        options.declared[label] = data::FieldType::Category;
    return data::readTable(data::sourceOfPath(file.string()), {.clock = context.clock}, options, context.stop);
}

Result<std::string> draft(const Context& context, const InitArguments& arguments, data::SpecDraftRequest& request) {
    context.progress(fmt::format("Reading {}", arguments.data.string()));
    data::Table table = TRY(readInput(context, arguments.data, arguments.label));
    if (request.label.empty()) {
        request.candidates = data::labelCandidates(data::profileTable(table));
        if (request.candidates.empty())
            return fail(ErrorCode::InvalidInput, "No column of {} looks like a label; name it with --label.",
                        arguments.data.string());
        request.label = request.candidates.front().column;
        request.labelGuessed = true;
        // Its classes are the texts of the file, as training reads them.
        table = TRY(readInput(context, arguments.data, request.label));
    }
    context.endProgress();
    return data::draftModelSpec(table, request);
}

Result<int> runInit(const Context& context, const InitArguments& arguments) {
    std::error_code code;
    if (std::filesystem::exists(arguments.out, code) && !context.yes)
        return fail(ErrorCode::Conflict, "{} already exists; --yes replaces it.", arguments.out.string());
    const std::string name = arguments.model.empty() ? nameFrom(arguments.data) : arguments.model;
    if (!ModelName::parse(name))
        return fail(ErrorCode::InvalidInput,
                    "\"{}\" is not a name of a model (lower-case letters, digits and '-', at most 63); give --model.",
                    name);
    data::SpecDraftRequest request{.model = name, .data = relativeData(arguments), .label = arguments.label};
    const std::string text = TRY(draft(context, arguments, request));
    if (const auto parsed = spec::parseModelSpec(text, arguments.out.string()); !parsed)
        return fail(ErrorCode::Internal, "The file that was drafted is wrong: {}", parsed.error().message);
    TRY(writeFileAtomically(arguments.out, text));
    if (context.json) {
        nlohmann::json candidates = nlohmann::json::array();
        for (const data::LabelCandidate& candidate : request.candidates)
            candidates.push_back({{"column", candidate.column}, {"reason", candidate.reason}});
        printJson({{"file", arguments.out.string()},
                   {"model", name},
                   {"label", request.label},
                   {"guessed", request.labelGuessed},
                   {"candidates", candidates}});
        return 0;
    }
    fmt::print("Wrote {} for the model {}, which predicts {}.\n", arguments.out.string(), name, request.label);
    for (const data::LabelCandidate& candidate : request.candidates)
        fmt::print("  label? {}: {}\n", candidate.column, candidate.reason);
    fmt::print("Next: perch data check --config {0}, perch train --config {0}\n", arguments.out.string());
    return 0;
}

} // namespace

void addInitVerb(CLI::App& app) {
    const auto arguments = std::make_shared<InitArguments>();
    CLI::App* verb = addVerb(app, "init", "Write a commented perch.yaml for a table",
                             [arguments](const Context& context) { return runInit(context, *arguments); });
    verb->add_option("--data", arguments->data,
                     "Table: CSV, TSV, JSON Lines or Parquet; a file, a glob, a folder or s3://")
        ->required();
    verb->add_option("--label", arguments->label, "Column to predict; default: the one that looks most like it");
    verb->add_option("--model", arguments->model, "Name of the model; default: from the name of the file");
    verb->add_option("--out", arguments->out, "File to write; never replaced without --yes")->capture_default_str();
}

} // namespace perch::cli
