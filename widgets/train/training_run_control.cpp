#include "widgets/train/training_run_control.h"

namespace perch::widgets {

TrainingRunControl::TrainingRunControl(QObject* parent) : QObject(parent) {}

TrainingRunControl::~TrainingRunControl() = default;

void TrainingRunControl::setTrainer(Trainer trainer, QThreadPool* pool) {
    m_trainer = std::move(trainer);
    m_training = std::make_unique<LatestOnly<std::string>>(this, pool);
}

void TrainingRunControl::setController(TrainingController controller, QThreadPool* pool) {
    m_controller = std::move(controller);
    m_asking = std::make_unique<LatestOnly<bool>>(this, pool);
}

void TrainingRunControl::start(const TrainingOrder& order) {
    if (!m_trainer || m_running)
        return;
    m_running = true;
    m_training->start([trainer = m_trainer, order](std::stop_token stop) { return trainer(order, stop); },
        [this](const Result<std::string>& result) {
            m_running = false;
            // A refused or cancelled training has a folder that says so; this is what has none.
            if (!result && result.error().code != ErrorCode::Cancelled)
                Q_EMIT failed(QString::fromStdString(result.error().message));
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void TrainingRunControl::ask(const std::string& run, model::RunControl what) {
    if (!m_controller)
        return;
    m_asking->start(
        [controller = m_controller, run, what](std::stop_token) -> Result<bool> {
            TRY(controller(run, what));
            return true;
        },
        [this](const Result<bool>& asked) {
            if (!asked)
                Q_EMIT failed(QString::fromStdString(asked.error().message));
            Q_EMIT changed();
        });
}

} // namespace perch::widgets
