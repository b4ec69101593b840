#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/local/local_settings.h"
#include "core/platforms/local/split_target.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::local {

/// One replica as the supervisor sees it.
struct ReplicaStatus {
    ModelName model;
    Version version;
    int slot = 0;
    fleet::Replica facts;
    std::uint16_t metricsPort = 0;
};

/// What the supervisor publishes in status.json, at each change and at least once a second.
struct LocalStatus {
    SystemTime writtenAt{};
    SystemTime startedAt{};
    std::int64_t supervisor = 0; ///< its process id
    LocalSettings settings;
    fleet::Replica truth, router, prometheus;
    std::vector<ReplicaStatus> replicas;
    SplitMap splits;             ///< as read back from HAProxy; empty while it does not answer
    std::string failure;         ///< why the supervisor ended or cannot follow the wanted state; one sentence

    nlohmann::json toJson() const;
    static Result<LocalStatus> fromJson(const nlohmann::json& document);
    /// NotFound while the platform was never started or was stopped.
    static Result<LocalStatus> read(const std::filesystem::path& file);
    /// Whether the supervisor that wrote it still keeps it: its process lives, and what it wrote is at most 5 s old.
    bool alive(SystemTime now) const;
    /// Whether its process lives, however old what it wrote is: on a busy machine it may be late.
    bool supervisorLives() const;
};

} // namespace perch::local
