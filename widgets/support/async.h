#pragma once

#include "core/base/result.h"

#include <QFutureWatcher>
#include <QObject>
#include <QThreadPool>
#include <QtConcurrent/QtConcurrentRun>

#include <functional>
#include <memory>
#include <stop_token>

namespace perch::widgets {

/// Runs work off the GUI thread for one owner; only the newest result counts. A newer start asks the older to stop and
/// makes its result stale; a dead owner gets nothing. Start and delivery are on the owner's thread; work runs on the
/// pool given and must return when its stop_token says so. Exceptions of the work become an Internal error.
template <typename T>
class LatestOnly {
public:
    using Work = std::function<Result<T>(std::stop_token)>;
    using Delivery = std::function<void(Result<T>)>;

    LatestOnly(QObject* owner, QThreadPool* pool) : m_owner(owner), m_pool(pool) {}
    ~LatestOnly() { cancel(); }
    LatestOnly(const LatestOnly&) = delete;
    LatestOnly& operator=(const LatestOnly&) = delete;

    void start(Work work, Delivery deliver) {
        cancel();
        m_stop = std::stop_source();
        const std::uint64_t ticket = ++*m_newest;
        auto* watcher = new QFutureWatcher<std::shared_ptr<Result<T>>>(m_owner);
        QObject::connect(watcher, &QFutureWatcherBase::finished, m_owner,
            [watcher, ticket, newest = m_newest, deliver = std::move(deliver)] {
                watcher->deleteLater();
                if (ticket == *newest)
                    deliver(std::move(*watcher->result()));
            });
        watcher->setFuture(QtConcurrent::run(m_pool, [work = std::move(work), stop = m_stop.get_token()] {
            try {
                return std::make_shared<Result<T>>(work(stop));
            } catch (const std::exception& error) {
                return std::make_shared<Result<T>>(fail(ErrorCode::Internal, "This is a bug in Perch: {}.", error.what()));
            }
        }));
    }

    /// The result of work under way is dropped, and the work is asked to stop.
    void cancel() {
        ++*m_newest;
        m_stop.request_stop();
    }

private:
    QObject* m_owner;
    QThreadPool* m_pool;
    std::stop_source m_stop;
    std::shared_ptr<std::uint64_t> m_newest = std::make_shared<std::uint64_t>(0);
};

} // namespace perch::widgets
