#include "app/cli/verbs/data.h"

#include "core/base/file.h"
#include "core/data/build/lookup_table.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace perch::cli {

namespace {

struct PublishArguments {
    std::filesystem::path config;
    std::string out;
};

/// `workspace` is the place where the server looks: models/NAME/features.db.
Result<std::filesystem::path> fileOf(const Context& context, const spec::ModelSpec& spec, const std::string& out) {
    if (out != "workspace")
        return std::filesystem::path(out);
    const Workspace workspace = TRY(context.workspace());
    const std::filesystem::path folder = workspace.models() / spec.name.text();
    TRY(makePrivateFolder(folder));
    return folder / spec::kLookupTableName;
}

Result<int> runDataPublish(const Context& context, const PublishArguments& arguments) {
    if (context.readOnly)
        return fail(ErrorCode::Denied, "Publishing changes what servers answer with, and --read-only is set.");
    const spec::ModelSpec spec = TRY(loadDataSpec(arguments.config));
    const std::filesystem::path file = TRY(fileOf(context, spec, arguments.out));
    const data::BuildReport report = TRY(data::publishLookup(
        spec, {.clock = context.clock}, file,
        [&](const data::BuildProgress& progress) { showBuildProgress(context, progress); }, context.stop));
    return finishBuild(context, "publish", report);
}

} // namespace

void addDataPublish(CLI::App& data) {
    const auto arguments = std::make_shared<PublishArguments>();
    CLI::App* verb = addVerb(data, "publish", "Write the lookup table of features as of now, for serving",
                             [arguments](const Context& context) { return runDataPublish(context, *arguments); });
    verb->add_option("--config", arguments->config, "perch.yaml of the model")->required();
    verb->add_option("--out", arguments->out, "SQLite file, or 'workspace'")->required();
}

} // namespace perch::cli
