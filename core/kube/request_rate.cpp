#include "core/kube/request_rate.h"

namespace perch::kube {

std::int64_t RequestRate::secondNow() const {
    return std::chrono::duration_cast<std::chrono::seconds>(m_clock->steadyNow().time_since_epoch()).count();
}

void RequestRate::count() {
    const std::scoped_lock lock(m_mutex);
    const std::int64_t second = secondNow();
    Slot& slot = m_slots[static_cast<std::size_t>(second) % m_slots.size()];
    if (slot.second != second)
        slot = {.second = second};
    ++slot.count;
    ++m_total;
}

std::uint64_t RequestRate::total() const {
    const std::scoped_lock lock(m_mutex);
    return m_total;
}

double RequestRate::perSecond() const {
    const std::scoped_lock lock(m_mutex);
    const std::int64_t now = secondNow();
    std::uint64_t sum = 0;
    for (const Slot& slot : m_slots) {
        if (slot.second >= now - kSeconds && slot.second < now)
            sum += slot.count;
    }
    return static_cast<double>(sum) / static_cast<double>(kSeconds);
}

} // namespace perch::kube
