#pragma once

#include "core/evaluate/evaluation.h"
#include "widgets/support/async.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

namespace perch::widgets {

/// What a person asks to be evaluated: names as the pickers show them.
struct EvaluationRequest {
    ModelName model;
    std::string candidate; ///< `v8`
    std::string baseline;  ///< `v7`; empty: none
    std::string data;      ///< file
    bool operator==(const EvaluationRequest&) const = default;
};

/// Given by the app; called off the GUI thread.
using Evaluator = std::function<Result<evaluate::Evaluation>(const EvaluationRequest&, std::stop_token)>;

/// One evaluation at a time, in the background; a newer one makes the older stale. Says once a second how long it has
/// been running.
class EvaluationRun : public QObject {
    Q_OBJECT
public:
    explicit EvaluationRun(QObject* parent = nullptr);
    ~EvaluationRun() override;
    void setEvaluator(Evaluator evaluator, QThreadPool* pool);
    bool available() const { return static_cast<bool>(m_evaluator); }
    bool running() const { return m_running.has_value(); }
    void start(const EvaluationRequest& request);
    void cancel();

Q_SIGNALS:
    void progressed(const QString& sentence);
    void finished(std::shared_ptr<const perch::evaluate::Evaluation> evaluation);
    void failed(const QString& sentence);

private:
    void tell();

    Evaluator m_evaluator;
    std::unique_ptr<LatestOnly<evaluate::Evaluation>> m_work;
    std::optional<EvaluationRequest> m_running;
    QElapsedTimer m_since;
    QTimer m_second;
};

} // namespace perch::widgets
