#pragma once

#include "core/base/clock.h"
#include "core/present/model_screen.h"
#include "core/present/plan_screen.h"
#include "core/present/training_run.h"
#include "widgets/shell/facts.h"
#include "widgets/support/dialogs.h"

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include <optional>

class QMenuBar;
class QScrollArea;
class QStackedWidget;

namespace perch::widgets {

class AuditPage;
class Banner;
class ContextBar;
class DriftPage;
class EvaluatePage;
class FleetPage;
class GoTo;
class ModelPage;
class PlanDialog;
class Rail;
class RunLabel;
class StatusBar;
class TrainPage;

/// The window: environment frame, menu, context bar, rail, the pages, status bar and the plan dialog. It is given facts
/// and makes screens of them with core/present; it raises intents and confirmations and calls no backend. Ages are
/// brought up to date once a second, data at most four times a second.
class MainWindow : public QWidget {
    Q_OBJECT
public:
    MainWindow(const Clock& clock, rollout::Actor actor, Dialogs dialogs, QWidget* parent = nullptr);
    ~MainWindow() override;

    void setFacts(Facts facts);
    /// What the run folders and this machine say.
    void setTraining(std::shared_ptr<const present::TrainingFacts> training);
    void showPage(present::Page page);
    void openModel(const ModelName& model);
    present::Page page() const { return m_page; }
    ModelName model() const { return m_model; }

    /// A plan was made for the intent that was raised: the person reads it.
    void showPlan(const rollout::Plan& plan);
    /// The plan could not be made or carried out.
    void showFailure(const Error& error);
    /// What is written now: the button shows the step and the others are off.
    void setProgress(const rollout::Intent& intent, std::size_t done, const Text& step);
    /// It is done; `notes` are what a person must know although it worked.
    void showDone(const rollout::Intent& intent, const std::vector<std::string>& notes);

    void setDarkTheme(bool dark);
    DriftPage& driftPage() { return *m_driftPage; }          ///< for its measurer
    EvaluatePage& evaluatePage() { return *m_evaluatePage; } ///< for its evaluator
    TrainPage& trainPage() { return *m_trainPage; }          ///< for its trainer

Q_SIGNALS:
    void refreshed(); ///< what was given last is what is shown: bursts of facts become one
    void readAgainRequested();
    void trainingReadAgain(); ///< a training was started or asked something
    void planRequested(const perch::rollout::Intent& intent);
    void planConfirmed(const perch::rollout::Plan& plan);                       ///< its intent carries the reason given
    void evaluated(std::shared_ptr<const perch::evaluate::Evaluation> evaluation); ///< a new one was made on the page

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    QWidget* makePages();
    void makeMenus();
    void makeShortcuts();
    void refresh();
    void refreshPage();
    void offerEvaluations();
    void connectDrift();
    present::StatusLine refreshDrift();
    present::StatusLine refreshTrain();
    void makeTrainKeys();
    void requestPlan(const rollout::Intent& intent);
    void goTo();
    void goBack();
    void exportAudit();
    void exportEvaluation();
    void save(const QString& title, const QString& suggestion, const QString& filter, const std::string& bytes);
    void focusFilter();
    ModelName modelForPage() const;
    present::ModelScreenInput modelInput() const;
    void finish(present::State state, const Text& sentence);
    void say(const Text& message, present::Tone tone);

    const Clock& m_clock;
    rollout::Actor m_actor;
    Dialogs m_dialogs;
    Facts m_facts;
    std::shared_ptr<const present::TrainingFacts> m_training;
    ModelName m_trained; ///< whose choices the Train page holds
    present::ShellScreen m_shell;
    present::Page m_page = present::Page::Fleet;
    ModelName m_model;
    std::optional<double> m_threshold;
    std::optional<rollout::Plan> m_plan;

    QMenuBar* m_menu;
    RunLabel* m_user;
    ContextBar* m_context;
    Rail* m_rail;
    Banner* m_problem;
    QStackedWidget* m_pages;
    FleetPage* m_fleetPage;
    ModelPage* m_modelPage;
    DriftPage* m_driftPage;
    EvaluatePage* m_evaluatePage;
    TrainPage* m_trainPage;
    AuditPage* m_auditPage;
    StatusBar* m_status;
    QPointer<PlanDialog> m_planDialog;
    QTimer m_tick;
    QTimer m_repaint;
    QTimer m_messageEnd;
};

} // namespace perch::widgets
