#pragma once

#include "core/base/clock.h"
#include "widgets/support/async.h"

#include <QElapsedTimer>
#include <QTimer>

namespace perch::widgets {

/// One long piece of work at a time in the background; a newer one makes the older stale. Says twice a second how far
/// it is. What it gives goes to the one who started it, on the GUI thread; failures and progress are signals.
class BackgroundRun : public QObject {
    Q_OBJECT
public:
    /// What to say of work that has been running for so long; called on the GUI thread.
    using Sentence = std::function<QString(Seconds)>;

    explicit BackgroundRun(QObject* parent = nullptr);
    ~BackgroundRun() override;
    void setPool(QThreadPool* pool);
    bool running() const { return static_cast<bool>(m_sentence); }
    void cancel(const QString& sentence); ///< nothing while nothing runs; else `sentence` is what failed

    /// `work` gets a stop_token, runs off the GUI thread and returns a Result<T>; `done` takes a shared_ptr<const T>.
    /// Both are copied. Needs a pool.
    template <typename T, typename Work, typename Done>
    void start(Work work, Done done, Sentence sentence) {
        begin(
            [work = std::move(work), done = std::move(done)](std::stop_token stop) -> Result<Handover> {
                auto value = std::make_shared<const T>(TRY(work(std::move(stop))));
                return Handover([done, value] { done(value); });
            },
            std::move(sentence));
    }

Q_SIGNALS:
    void progressed(const QString& sentence);
    void failed(const QString& sentence);

private:
    using Handover = std::function<void()>;
    void begin(LatestOnly<Handover>::Work work, Sentence sentence);
    void end();
    void tell();

    std::unique_ptr<LatestOnly<Handover>> m_work;
    Sentence m_sentence; ///< of the work under way; empty: none
    QElapsedTimer m_since;
    QTimer m_tick;
};

} // namespace perch::widgets
