#pragma once

#include <chrono>
#include <string>

namespace perch {

using Seconds = std::chrono::duration<double>;
using SystemTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// The only source of time, injected so that tests decide what time it is. Safe from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    virtual SystemTime now() const = 0;       ///< Wall clock, UTC; may jump.
    virtual SteadyTime steadyNow() const = 0; ///< Never goes back; for deadlines and ages.
};

class RealClock final : public Clock {
public:
    SystemTime now() const override;
    SteadyTime steadyNow() const override;
};

/// A clock that moves only when told.
class ManualClock final : public Clock {
public:
    explicit ManualClock(SystemTime start) : m_now(start) {}
    SystemTime now() const override { return m_now; }
    SteadyTime steadyNow() const override { return SteadyTime(m_now.time_since_epoch()); }
    void advance(std::chrono::milliseconds by) { m_now += by; }

private:
    SystemTime m_now;
};

/// `2026-11-22T04:05:06.789Z`
std::string toIso8601(SystemTime time);

/// Milliseconds since the epoch, as stored in databases.
inline std::int64_t toMillis(SystemTime time) { return time.time_since_epoch().count(); }
inline SystemTime fromMillis(std::int64_t millis) { return SystemTime(std::chrono::milliseconds(millis)); }

} // namespace perch
