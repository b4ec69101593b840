#pragma once

#include "core/rollout/actor_lock.h"

#include <filesystem>

namespace perch::rollout {

/// Actors of one machine. Two files in the locks folder: `<model>.lock` is held (flock) as long as the actor lives, and
/// `<model>.fence` names it with its fencing number. A taker-over raises the fence at once, and awaits the lock for a
/// moment only, because its holder may hang. Both files keep their size, so that a full disk is no obstacle.
class FileActorLocks final : public ActorLocks {
public:
    explicit FileActorLocks(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    Result<std::unique_ptr<ActorLock>> acquire(const ModelName& model, const Actor& actor, std::uint64_t floor,
                                               Takeover takeover, std::stop_token stop) override;

private:
    const std::filesystem::path m_folder;
};

} // namespace perch::rollout
