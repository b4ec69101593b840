#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace perch::kubernetes {

/// A Deployment of another version, made from the one of the version that is stable.
struct CloneWish {
    ModelName model;
    Version from, to;
    std::string name; ///< of the new Deployment
    std::uint32_t replicas = 0;
};

/// The new Deployment: the template of `stable` with the label perch.dev/version of the new version, and the old
/// version's name (`v1` as a whole word, or a tag that is its number) replaced in image tags, commands, arguments,
/// values of the environment and sub-paths of volumes. Its selector is that of stable and the version, so that it never
/// selects a Pod of stable. Of the Deployment's own labels and annotations it takes none, so that whoever keeps those
/// of stable does not take the new one for its own. `changes` gets a line for each difference, as
/// `serve image: churn:v1 -> churn:v2`.
/// InvalidInput when the template names its version nowhere but in the label, or where a digest pins it: then the files
/// of the new version are not known. Pure.
Result<nlohmann::json> cloneDeployment(const nlohmann::json& stable, const CloneWish& wish,
                                       std::vector<std::string>& changes);

} // namespace perch::kubernetes
