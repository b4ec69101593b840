#pragma once

#include "core/base/clock.h"

#include <array>
#include <cstdint>
#include <mutex>

namespace perch::kube {

/// Counts requests to one API server, so that a person sees what the console asks of it. Safe from any thread.
class RequestRate {
public:
    explicit RequestRate(const Clock& clock) : m_clock(&clock) {}

    void count();
    std::uint64_t total() const;
    /// Mean of the ten whole seconds before this one.
    double perSecond() const;

private:
    static constexpr std::int64_t kSeconds = 10;
    std::int64_t secondNow() const;

    struct Slot {
        std::int64_t second = -1;
        std::uint64_t count = 0;
    };
    const Clock* m_clock;
    mutable std::mutex m_mutex;
    std::array<Slot, kSeconds + 1> m_slots;
    std::uint64_t m_total = 0;
};

} // namespace perch::kube
