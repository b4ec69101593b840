#include "app/cli/verbs/data.h"

#include "core/data/build/parquet_dataset.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace perch::cli {

namespace {

struct BuildArguments {
    std::filesystem::path config, out;
};

Result<int> runDataBuild(const Context& context, const BuildArguments& arguments) {
    const spec::ModelSpec spec = TRY(loadDataSpec(arguments.config));
    const auto dataset = TRY(data::ParquetDataset::create(arguments.out));
    const data::BuildReport report = TRY(data::buildDataset(
        spec, {.clock = context.clock}, *dataset,
        [&](const data::BuildProgress& progress) { showBuildProgress(context, progress); }, context.stop));
    return finishBuild(context, "build", report);
}

} // namespace

void addDataBuild(CLI::App& data) {
    const auto arguments = std::make_shared<BuildArguments>();
    CLI::App* verb = addVerb(data, "build", "Build the table with its features as a Parquet dataset",
                             [arguments](const Context& context) { return runDataBuild(context, *arguments); });
    verb->add_option("--config", arguments->config, "perch.yaml of the model")->required();
    verb->add_option("--out", arguments->out, "Folder of the dataset; readers read its link 'current'")->required();
}

} // namespace perch::cli
