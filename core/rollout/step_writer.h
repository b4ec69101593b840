#pragma once

#include "core/rollout/actor_lock.h"
#include "core/rollout/backend.h"
#include "core/rollout/operations.h"

#include <stop_token>

namespace perch::rollout {

/// What a step may find in its field.
enum class Expect {
    Before,        ///< exactly `before` (or `after` already): a normal plan
    Anything,      ///< whatever is there, of the same identity: abort and rollback
};

/// A step with the values it will really write, or the news that its value is there already.
struct PreparedStep {
    Step step;
    bool alreadySo = false;
};

/// Brings one step into effect: reads the field, fills in what is known only now (revision, fence and audit head of a
/// rollout record; the true `before` where anything may be there), writes, waits, reads back. Used by the executor and
/// by recovery; the fence is checked before each write and while waiting.
class StepWriter {
public:
    StepWriter(Backend& backend, const ActorLock& lock, const Clock& clock, const Intent& intent,
        const Operations::CrashPoint& crashPoint)
        : m_backend(backend), m_lock(lock), m_clock(clock), m_intent(intent), m_crashPoint(crashPoint) {}

    /// Conflict when the object is another one or its field is neither at `before` nor at `after`.
    Result<PreparedStep> prepare(const Step& step, Expect expect) const;
    Result<void> apply(const PreparedStep& prepared, std::stop_token stop) const;
    void crashPoint(std::string_view next) const;

    /// The field of the rollout record, changed by `change` and written at once: a failure, the seal.
    Result<void> amendRecord(const Step& like, std::string_view title,
        const std::function<bool(fleet::RolloutRecord&)>& change) const;

private:
    Result<PreparedStep> prepareRecord(const Step& step, const FieldState& now, Expect expect) const;
    Result<void> await(const Step& step, std::stop_token stop) const;

    Backend& m_backend;
    const ActorLock& m_lock;
    const Clock& m_clock;
    const Intent& m_intent;
    const Operations::CrashPoint& m_crashPoint;
};

inline bool isRecord(const Step& step) {
    return step.field == "record";
}

/// Whether a value means the same as another in this field.
bool sameValue(const Step& step, const std::string& one, const std::string& other);

} // namespace perch::rollout
