#pragma once

#include "core/present/training_form.h"
#include "widgets/support/async.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace perch::widgets {

/// What a person asks to be trained: a new training, or an interrupted one gone on with.
struct TrainingOrder {
    std::optional<present::TrainingRequest> request;
    std::string resumes; ///< id of the run; empty: a new one
};

/// Trains to the end and returns the id of the run. Given by the app; called off the GUI thread.
using Trainer = std::function<Result<std::string>(const TrainingOrder&, std::stop_token)>;
/// Writes what is asked of a running training into its folder. Given by the app; called off the GUI thread.
using TrainingController = std::function<Result<void>(const std::string& run, model::RunControl)>;

/// The trainings of this window: one at a time in the background, and what is asked of any run under way, wherever it
/// was started. Nothing here waits.
class TrainingRunControl : public QObject {
    Q_OBJECT
public:
    explicit TrainingRunControl(QObject* parent = nullptr);
    ~TrainingRunControl() override;
    void setTrainer(Trainer trainer, QThreadPool* pool);
    void setController(TrainingController controller, QThreadPool* pool);
    bool available() const { return static_cast<bool>(m_trainer); }
    bool running() const { return m_running; }
    /// Does nothing while one is running: a newer one never ends an older one.
    void start(const TrainingOrder& order);
    void ask(const std::string& run, model::RunControl what);

Q_SIGNALS:
    void changed();                        ///< something was started, asked for or ended: the folders are worth a look
    void failed(const QString& sentence);

private:
    Trainer m_trainer;
    TrainingController m_controller;
    std::unique_ptr<LatestOnly<std::string>> m_training;
    std::unique_ptr<LatestOnly<bool>> m_asking;
    bool m_running = false;
};

} // namespace perch::widgets
