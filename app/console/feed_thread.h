#pragma once

#include <QObject>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace perch::console {

/// Reads facts again and again on a thread of its own and delivers them on the thread of their owner: only the newest,
/// facts that were not yet delivered are replaced. It is a member of its owner, whose end drops what is under way;
/// the destructor stops the thread.
template <typename Facts>
class FeedThread {
public:
    /// One read. `asked`: somebody wants it now; the first read counts as asked for.
    using Read = std::function<Facts(const std::stop_token& stop, bool asked)>;
    using Deliver = std::function<void(std::shared_ptr<const Facts>)>;

    FeedThread(QObject& owner, Deliver deliver) : m_owner(owner), m_deliver(std::move(deliver)) {}
    ~FeedThread() { m_thread.request_stop(); }
    FeedThread(const FeedThread&) = delete;
    FeedThread& operator=(const FeedThread&) = delete;

    void start(Read read, std::chrono::milliseconds every) {
        m_thread = std::jthread(
            [this, read = std::move(read), every](const std::stop_token& stop) { run(read, every, stop); });
    }

    void readNow() {
        const std::lock_guard lock(m_mutex);
        m_readNow = true;
        m_wake.notify_all();
    }

    /// Something is new: it is read, though not more than ten times a second. From any thread.
    void readSoon() {
        const std::lock_guard lock(m_mutex);
        if (std::exchange(m_readSoon, true))
            return;
        m_wake.notify_all();
    }

private:
    /// m_readSoon is put down before a read begins: what comes meanwhile is read once more.
    void run(const Read& read, std::chrono::milliseconds every, const std::stop_token& stop) {
        bool asked = true;
        while (!stop.stop_requested()) {
            post(std::make_shared<const Facts>(read(stop, asked)));
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait_for(lock, stop, kLeastPause, [this] { return m_readNow; }))
                m_wake.wait_for(lock, stop, every - kLeastPause, [this] { return m_readNow || m_readSoon; });
            asked = std::exchange(m_readNow, false);
            m_readSoon = false;
        }
    }

    void post(std::shared_ptr<const Facts> facts) {
        const std::lock_guard lock(m_mutex);
        const bool waiting = m_newest != nullptr;
        m_newest = std::move(facts);
        if (!waiting)
            QMetaObject::invokeMethod(&m_owner, [this] { deliver(); }, Qt::QueuedConnection);
    }

    void deliver() {
        std::shared_ptr<const Facts> facts;
        {
            const std::lock_guard lock(m_mutex);
            facts.swap(m_newest);
        }
        if (facts != nullptr)
            m_deliver(std::move(facts));
    }

    static constexpr std::chrono::milliseconds kLeastPause{100};

    QObject& m_owner;
    Deliver m_deliver;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_readNow = false, m_readSoon = false;
    std::shared_ptr<const Facts> m_newest;
    std::jthread m_thread;
};

} // namespace perch::console
