#pragma once

#include "core/model/predict/package.h"
#include "core/registry/registry.h"

#include <filesystem>
#include <optional>
#include <string>

namespace perch::registry {

/// What became of a package.
struct Publication {
    VersionRecord record;
    std::optional<std::string> alias; ///< the alias that now names it, if any
};

/// The lineage that a package tells of itself (card and capsule): everything of a version but number, folder, author
/// and acceptance. Corrupt if the capsule lacks it.
Result<NewVersion> lineageOf(const model::PackageParts& parts);

/// Puts a package into the store (`<store>/<digest>`), registers it and moves an alias: an accepted version becomes
/// the model's champion if there is none, else its challenger; an undecided one (`accepted` is nothing) gets no alias.
/// On failure before it is registered the store is as before.
Result<Publication> publishPackage(Registry& registry, const std::filesystem::path& store,
                                   const model::PackageParts& parts, std::optional<bool> accepted,
                                   const std::string& who);

} // namespace perch::registry
