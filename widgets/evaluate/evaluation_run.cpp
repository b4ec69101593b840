#include "widgets/evaluate/evaluation_run.h"

#include "core/base/number_format.h"

namespace perch::widgets {

EvaluationRun::EvaluationRun(QObject* parent) : QObject(parent) {
    m_second.setInterval(1'000);
    connect(&m_second, &QTimer::timeout, this, &EvaluationRun::tell);
}

EvaluationRun::~EvaluationRun() = default;

void EvaluationRun::setEvaluator(Evaluator evaluator, QThreadPool* pool) {
    m_evaluator = std::move(evaluator);
    m_work = std::make_unique<LatestOnly<evaluate::Evaluation>>(this, pool);
}

void EvaluationRun::start(const EvaluationRequest& request) {
    if (!m_evaluator)
        return;
    m_running = request;
    m_since.start();
    m_second.start();
    tell();
    m_work->start([evaluator = m_evaluator, request](std::stop_token stop) { return evaluator(request, stop); },
        [this](Result<evaluate::Evaluation> result) {
            m_running.reset();
            m_second.stop();
            if (result)
                Q_EMIT finished(std::make_shared<const evaluate::Evaluation>(*std::move(result)));
            else
                Q_EMIT failed(QString::fromStdString(result.error().message));
        });
}

void EvaluationRun::cancel() {
    if (!m_running)
        return;
    m_work->cancel();
    m_running.reset();
    m_second.stop();
    Q_EMIT failed(tr("Evaluation cancelled."));
}

void EvaluationRun::tell() {
    const QString age = QString::fromStdString(formatAge(Seconds(static_cast<double>(m_since.elapsed()) / 1'000)));
    const QString what = QString::fromStdString(m_running->candidate);
    const QString against = QString::fromStdString(m_running->baseline);
    Q_EMIT progressed(against.isEmpty() ? tr("Evaluating %1, %2").arg(what, age)
                                        : tr("Evaluating %1 against %2, %3").arg(what, against, age));
}

} // namespace perch::widgets
