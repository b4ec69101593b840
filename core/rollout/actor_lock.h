#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/rollout/intent.h"

#include <cstdint>
#include <memory>
#include <stop_token>

namespace perch::rollout {

enum class Takeover { No, Yes };

/// The right to act on one model, held from its making to its end; one actor per model has it. Its fencing number only
/// grows from actor to actor: whoever takes over has a larger one, and the actor before it stops.
class ActorLock {
public:
    virtual ~ActorLock() = default;
    virtual std::uint64_t fence() const = 0;
    /// Conflict that names the new actor when it is known that somebody took over; Unavailable when the right can have
    /// run out. At once, from any thread.
    virtual Result<void> check() const = 0;
    /// The same, asked of whoever keeps the lock: right before an effect.
    virtual Result<void> confirm() const { return check(); }
};

/// The port through which actors exclude each other on a platform.
class ActorLocks {
public:
    virtual ~ActorLocks() = default;
    /// Without takeover: Conflict that names the actor who holds it. With: at once, whoever holds it. The fencing number
    /// is above `floor`.
    virtual Result<std::unique_ptr<ActorLock>> acquire(const ModelName& model, const Actor& actor, std::uint64_t floor,
                                                       Takeover takeover, std::stop_token stop) = 0;
};

} // namespace perch::rollout
