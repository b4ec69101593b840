#include "widgets/support/background_run.h"

namespace perch::widgets {

BackgroundRun::BackgroundRun(QObject* parent) : QObject(parent) {
    m_tick.setInterval(500);
    connect(&m_tick, &QTimer::timeout, this, &BackgroundRun::tell);
}

BackgroundRun::~BackgroundRun() = default;

void BackgroundRun::setPool(QThreadPool* pool) {
    m_work = std::make_unique<LatestOnly<Handover>>(this, pool);
}

void BackgroundRun::begin(LatestOnly<Handover>::Work work, Sentence sentence) {
    m_sentence = std::move(sentence);
    m_since.start();
    m_tick.start();
    tell();
    m_work->start(std::move(work), [this](const Result<Handover>& handover) {
        end();
        if (handover)
            (*handover)();
        else
            Q_EMIT failed(QString::fromStdString(handover.error().message));
    });
}

void BackgroundRun::cancel(const QString& sentence) {
    if (!running())
        return;
    m_work->cancel();
    end();
    Q_EMIT failed(sentence);
}

void BackgroundRun::end() {
    m_sentence = nullptr;
    m_tick.stop();
}

void BackgroundRun::tell() {
    Q_EMIT progressed(m_sentence(Seconds(static_cast<double>(m_since.elapsed()) / 1'000)));
}

} // namespace perch::widgets
