#include "core/http/connections.h"

#include <algorithm>

namespace perch::http {

void Connections::add(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(m_mutex);
    m_connections.emplace(connection.get(), connection);
}

void Connections::remove(const Connection* connection) {
    const std::lock_guard lock(m_mutex);
    m_connections.erase(connection);
    m_changed.notify_all();
}

std::size_t Connections::count() const {
    const std::lock_guard lock(m_mutex);
    return m_connections.size();
}

std::vector<std::shared_ptr<Connection>> Connections::all() const {
    std::vector<std::shared_ptr<Connection>> open;
    const std::lock_guard lock(m_mutex);
    for (const auto& [key, connection] : m_connections) {
        if (auto alive = connection.lock())
            open.push_back(std::move(alive));
    }
    return open;
}

void Connections::closeLongestIdle(std::size_t most) const {
    std::vector<std::pair<std::chrono::steady_clock::time_point, std::shared_ptr<Connection>>> idle;
    for (auto& connection : all()) {
        if (const auto since = connection->idleSince())
            idle.emplace_back(*since, std::move(connection));
    }
    const std::size_t count = std::min(idle.size(), most);
    std::ranges::partial_sort(idle, idle.begin() + static_cast<std::ptrdiff_t>(count), {},
                              [](const auto& entry) { return entry.first; });
    for (std::size_t i = 0; i < count; ++i)
        idle[i].second->closeIfIdle();
}

void Connections::close() {
    const std::lock_guard lock(m_mutex);
    m_closed = true;
    m_changed.notify_all();
}

bool Connections::waitUntilGone(std::chrono::milliseconds deadline) const {
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, deadline, [this] { return m_closed && m_connections.empty(); });
}

} // namespace perch::http
