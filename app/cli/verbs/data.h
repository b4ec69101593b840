#pragma once

#include "app/cli/context.h"
#include "core/data/build/build_dataset.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace perch::cli {

/// Adds `build` and `publish` to the group `data`, each in its own file.
void addDataBuild(CLI::App& data);
void addDataPublish(CLI::App& data);

/// perch.yaml with the paths of its sources taken from its folder.
Result<spec::ModelSpec> loadDataSpec(const std::filesystem::path& config);

/// What was read, left out and written, for people.
void printBuildReport(const data::BuildReport& report);

/// The audit line of a build that is done; its place for --json.
nlohmann::json recordBuild(const Context& context, const std::string& action, const data::BuildReport& report);

/// One line about how far a build is.
void showBuildProgress(const Context& context, const data::BuildProgress& progress);

} // namespace perch::cli
