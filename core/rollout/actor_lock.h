#pragma once

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/rollout/intent.h"

#include <cstdint>
#include <optional>

namespace perch::rollout {

enum class Takeover { No, Yes };

/// One actor per model. Two files in the locks folder: `<model>.lock` is held (flock) as long as the actor lives, and
/// `<model>.fence` names it with a fencing number that only grows. Whoever takes over writes a larger number; the actor
/// before it sees that at its next check and stops. Both files keep their size, so that a full disk is no obstacle.
class ActorLock {
public:
    /// Without takeover: Conflict that names the actor who holds it. With: the fence is raised at once, and the lock
    /// awaited for a moment only, because its holder may hang. The number is above `floor`.
    static Result<ActorLock> acquire(const std::filesystem::path& folder, const ModelName& model, const Actor& actor,
        std::uint64_t floor, Takeover takeover);

    std::uint64_t fence() const { return m_fence; }
    /// Conflict that names the new actor when somebody took over. Safe from any thread.
    Result<void> check() const;

private:
    ActorLock(std::filesystem::path fenceFile, ModelName model, std::uint64_t fence)
        : m_fenceFile(std::move(fenceFile)), m_model(std::move(model)), m_fence(fence) {}
    std::filesystem::path m_fenceFile;
    ModelName m_model;
    std::uint64_t m_fence = 0;
    std::optional<FileLock> m_lock;
};

} // namespace perch::rollout
