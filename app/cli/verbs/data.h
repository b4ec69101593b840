#pragma once

#include "app/cli/context.h"
#include "core/data/build/build_dataset.h"

#include <filesystem>
#include <string>

namespace perch::cli {

/// Adds `build` and `publish` to the group `data`, each in its own file.
void addDataBuild(CLI::App& data);
void addDataPublish(CLI::App& data);

/// perch.yaml with the paths of its sources taken from its folder.
Result<spec::ModelSpec> loadDataSpec(const std::filesystem::path& config);

/// One line about how far a build is.
void showBuildProgress(const Context& context, const data::BuildProgress& progress);

/// A build that is done: its audit line, then what was read, left out and written, or --json. The exit code.
int finishBuild(const Context& context, const std::string& action, const data::BuildReport& report);

} // namespace perch::cli
