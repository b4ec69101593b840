#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace perch::http {

/// A connection as the list of a server sees it.
class Connection {
public:
    virtual ~Connection() = default;
    /// Since when it waits for a request; nothing if it has one. From any thread.
    virtual std::optional<std::chrono::steady_clock::time_point> idleSince() const = 0;
    /// Closes it if it still waits for a request. From any thread.
    virtual void closeIfIdle() = 0;
    /// Ends it if it takes too long. From any thread.
    virtual void checkDeadline(std::chrono::steady_clock::time_point now) = 0;
    /// Tells it that the server ends. From any thread.
    virtual void onDrain() = 0;
};

/// The open connections of a server. Does not keep them alive. Safe from any thread.
class Connections {
public:
    void add(const std::shared_ptr<Connection>& connection);
    void remove(const Connection* connection);
    std::size_t count() const;
    std::vector<std::shared_ptr<Connection>> all() const;
    /// Asks the `most` connections that have waited longest for a request to close.
    void closeLongestIdle(std::size_t most) const;

    /// Nobody is added from now on.
    void close();
    /// Waits until it is closed and empty; false at the deadline.
    bool waitUntilGone(std::chrono::milliseconds deadline) const;

private:
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    bool m_closed = false;
    std::unordered_map<const Connection*, std::weak_ptr<Connection>> m_connections;
};

} // namespace perch::http
