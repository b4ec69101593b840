#pragma once

#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_status.h"

#include <map>
#include <span>
#include <string>

namespace perch::local {

/// The mirror settings that the replicas of a model read (core/spec/mirror_settings.h): the supervisor writes them,
/// with the addresses of the shadow's ready replicas. One file for each model, none while nothing can take copies.
/// Belongs to the supervisor's loop.
class MirrorFiles {
public:
    explicit MirrorFiles(LocalFiles files) : m_files(std::move(files)) {}

    /// Brings the files to the wanted mirrors, given as their texts (core/rollout/split.h).
    Result<void> advance(const std::map<ModelName, std::string>& wanted, std::span<const ReplicaStatus> replicas);

private:
    Result<void> bring(const ModelName& model, const std::string& text);

    LocalFiles m_files;
    std::map<ModelName, std::string> m_written;
};

/// Why a wanted mirror is not in effect on every ready replica of the stable version, in one sentence; empty if it is.
/// Asks each of them for its metrics, at most 300 ms long.
std::string whyNoMirror(const LocalFiles& files, const ModelName& model, Version stable, const fleet::Mirror& mirror,
                        std::span<const ReplicaStatus> replicas);

} // namespace perch::local
