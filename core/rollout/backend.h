#pragma once

#include "core/rollout/plan.h"

#include <optional>
#include <stop_token>
#include <string>

namespace perch::rollout {

/// The current value of a field as the platform tells it.
struct FieldState {
    std::string uid;   ///< identity of the object; empty: it does not exist
    std::string value; ///< empty: not set
};

/// The port through which plans reach a platform: read a field, write it, wait for its effect. Writes are
/// compare-and-set on `before` and idempotent: writing a value that is already there succeeds. Called by one
/// executor thread at a time.
class Backend {
public:
    virtual ~Backend() = default;
    virtual Result<FieldState> read(const std::string& object, const std::string& field) = 0;
    /// Conflict if the field is neither at `before` nor at `after`.
    virtual Result<void> write(const Step& step, const Intent& intent) = 0;
    /// Waits until the written value is in effect (replicas ready, traffic moved). Timeout at the deadline.
    virtual Result<void> awaitEffect(const Step& step, std::stop_token stop, SteadyTime deadline) = 0;
    /// How long replicas may take to get ready.
    virtual std::chrono::seconds replicasDeadline() const { return std::chrono::seconds(60); }
    /// Asks the platform whether it would take the steps, without doing them, and fills in the plan's `dryRun` and the
    /// `changes` of its steps. Half a second at most for an abort or a rollback, then the rest is not checked. An error
    /// is a plan that makes no sense; a step that the platform would refuse is a check that fails. Platforms that have
    /// no such thing leave the plan as it is.
    virtual Result<void> tryOut(Plan& plan, std::stop_token stop) {
        (void)plan, (void)stop;
        return {};
    }
};

} // namespace perch::rollout
