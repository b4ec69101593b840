#include "widgets/drift/drift_run.h"

#include "core/base/number_format.h"

namespace perch::widgets {

DriftRun::DriftRun(QObject* parent) : QObject(parent) {
    m_tick.setInterval(500);
    connect(&m_tick, &QTimer::timeout, this, &DriftRun::tell);
}

DriftRun::~DriftRun() = default;

void DriftRun::setMeasurer(DriftMeasurer measurer, QThreadPool* pool) {
    m_measurer = std::move(measurer);
    m_work = std::make_unique<LatestOnly<drift::DriftRecord>>(this, pool);
}

void DriftRun::start(const DriftRequest& request) {
    if (!m_measurer)
        return;
    m_running = request;
    m_share = std::make_shared<std::atomic<double>>(0);
    m_since.start();
    m_tick.start();
    tell();
    m_work->start(
        [measurer = m_measurer, request, share = m_share](std::stop_token stop) {
            return measurer(request, [share](double done) { *share = done; }, stop);
        },
        [this](Result<drift::DriftRecord> result) {
            m_running.reset();
            m_tick.stop();
            if (result)
                Q_EMIT finished(std::make_shared<const drift::DriftRecord>(*std::move(result)));
            else
                Q_EMIT failed(QString::fromStdString(result.error().message));
        });
}

void DriftRun::cancel() {
    if (!m_running)
        return;
    m_work->cancel();
    m_running.reset();
    m_tick.stop();
    Q_EMIT failed(tr("Comparison cancelled."));
}

void DriftRun::tell() {
    const Seconds age(static_cast<double>(m_since.elapsed()) / 1'000);
    Q_EMIT progressed(tr("Comparing %1 with %2, %3 done, %4")
                          .arg(QString::fromStdString(m_running->current), QString::fromStdString(m_running->reference),
                               QString::fromStdString(formatPercent(*m_share, 0)),
                               QString::fromStdString(formatAge(age))));
}

} // namespace perch::widgets
