#include "widgets/shell/main_window.h"

#include "core/evaluate/evaluation_report.h"
#include "core/present/evaluate_screen.h"
#include "core/present/fleet_screen.h"
#include "core/present/train_screen.h"
#include "widgets/audit/audit_page.h"
#include "widgets/charts/tabled_chart.h"
#include "widgets/drift/drift_page.h"
#include "widgets/evaluate/evaluate_page.h"
#include "widgets/fleet/fleet_page.h"
#include "widgets/model/model_page.h"
#include "widgets/plan/plan_dialog.h"
#include "widgets/shell/banner.h"
#include "widgets/shell/context_bar.h"
#include "widgets/shell/go_to.h"
#include "widgets/shell/key_list.h"
#include "widgets/shell/known_choices.h"
#include "widgets/shell/rail.h"
#include "widgets/shell/status_bar.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_page.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCloseEvent>
#include <QFile>
#include <QMenuBar>
#include <QPainter>
#include <QSaveFile>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr int kFrame = 3;
constexpr int kNarrowWindow = 1440;

/// A page scrolls when the window is smaller than its content; nothing is ever cut.
QScrollArea* scrolled(QWidget* page) {
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(page);
    return area;
}

present::ModelButton buttonOf(rollout::Action action) {
    using rollout::Action;
    switch (action) {
    case Action::Start:
    case Action::Promote:
    case Action::PromoteFully:
    case Action::Retry:
        return present::ModelButton::Promote;
    case Action::SetWeight:
        return present::ModelButton::SetWeight;
    case Action::Pause:
    case Action::Resume:
        return present::ModelButton::Pause;
    case Action::Shadow:
        return present::ModelButton::Shadow;
    case Action::Abort:
        return present::ModelButton::Abort;
    case Action::RollBack:
        return present::ModelButton::RollBack;
    }
    return present::ModelButton::Promote;
}

} // namespace

MainWindow::MainWindow(const Clock& clock, rollout::Actor actor, Dialogs dialogs, QWidget* parent)
    : QWidget(parent), m_clock(clock), m_actor(std::move(actor)), m_dialogs(std::move(dialogs)) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Perch"));
    setMinimumSize(1280, 720);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kFrame, kFrame, kFrame, kFrame);
    column->setSpacing(0);
    auto* top = new QWidget(this);
    top->setFixedHeight(px(28));
    top->setAutoFillBackground(true);
    top->setBackgroundRole(QPalette::AlternateBase);
    auto* topRow = new QHBoxLayout(top);
    topRow->setContentsMargins(0, 0, px(16), 0);
    m_menu = new QMenuBar(top);
    m_menu->setNativeMenuBar(false);
    m_user = new RunLabel(top);
    m_user->setMonoArguments(false);
    m_user->setArgumentTone(present::Tone::Plain);
    m_user->setArgumentWeight(600);
    topRow->addWidget(m_menu, 1);
    topRow->addWidget(m_user);
    column->addWidget(top);
    m_context = new ContextBar(this);
    column->addWidget(m_context);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    m_rail = new Rail(this);
    middle->addWidget(m_rail);
    auto* rule = new QFrame(this);
    rule->setFixedWidth(1);
    rule->setAutoFillBackground(true);
    rule->setBackgroundRole(QPalette::Dark);
    middle->addWidget(rule);
    middle->addWidget(makePages(), 1);
    column->addLayout(middle, 1);
    m_status = new StatusBar(this);
    column->addWidget(m_status);

    makeMenus();
    makeShortcuts();
    makeTrainKeys();
    connect(m_rail, &Rail::pageChosen, this, &MainWindow::showPage);
    connect(m_rail, &Rail::modelChosen, this, &MainWindow::openModel);
    connect(m_context, &ContextBar::goToRequested, this, &MainWindow::goTo);
    connect(&m_tick, &QTimer::timeout, this, &MainWindow::refresh);
    m_tick.start(1'000);
    m_repaint.setSingleShot(true);
    m_repaint.setInterval(250);
    connect(&m_repaint, &QTimer::timeout, this, &MainWindow::refresh);
    m_messageEnd.setSingleShot(true);
    connect(&m_messageEnd, &QTimer::timeout, this, [this] { m_status->setMessage({}, present::Tone::Plain); });
    refresh();
}

MainWindow::~MainWindow() = default;

QWidget* MainWindow::makePages() {
    auto* holder = new QWidget(this);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_problem = new Banner(holder);
    m_pages = new QStackedWidget(holder);
    m_fleetPage = new FleetPage;
    m_modelPage = new ModelPage;
    m_driftPage = new DriftPage;
    m_driftPage->setDialogs(m_dialogs);
    m_evaluatePage = new EvaluatePage;
    m_trainPage = new TrainPage;
    m_trainPage->setDialogs(m_dialogs);
    m_auditPage = new AuditPage;
    for (QWidget* page :
         std::initializer_list<QWidget*>{m_fleetPage, m_modelPage, m_driftPage, m_evaluatePage, m_trainPage, m_auditPage})
        m_pages->addWidget(scrolled(page));
    column->addWidget(m_problem);
    column->addWidget(m_pages, 1);
    connect(m_fleetPage, &FleetPage::modelOpened, this, &MainWindow::openModel);
    connect(m_modelPage, &ModelPage::intentRaised, this, &MainWindow::requestPlan);
    connect(m_modelPage, &ModelPage::exportRequested, this, &MainWindow::exportAudit);
    connect(m_auditPage, &AuditPage::exportRequested, this, &MainWindow::exportAudit);
    connect(m_evaluatePage, &EvaluatePage::thresholdMoved, this, [this](double threshold) {
        m_threshold = threshold;
        refreshPage();
    });
    connect(m_evaluatePage, &EvaluatePage::exportRequested, this, &MainWindow::exportEvaluation);
    connect(m_evaluatePage, &EvaluatePage::evaluated, this,
            [this](std::shared_ptr<const evaluate::Evaluation> evaluation) {
                m_facts.evaluations[evaluation->model] = evaluation;
                m_threshold.reset();
                refreshPage();
                Q_EMIT evaluated(std::move(evaluation));
            });
    connectDrift();
    connect(m_trainPage, &TrainPage::changed, this, &MainWindow::refreshPage);
    connect(m_trainPage, &TrainPage::readAgain, this, &MainWindow::trainingReadAgain);
    connect(m_trainPage, &TrainPage::said, this,
            [this](const QString& sentence, present::Tone tone) { say(verbatim(sentence.toStdString()), tone); });
    return holder;
}

void MainWindow::makeMenus() {
    QMenu* file = m_menu->addMenu(tr("&File"));
    file->addAction(tr("Export audit\u2026"), this, &MainWindow::exportAudit);
    file->addSeparator();
    file->addAction(tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, [this] { close(); });
    QMenu* view = m_menu->addMenu(tr("&View"));
    view->addAction(tr("Read again"), QKeySequence(Qt::Key_F5), this, &MainWindow::readAgainRequested);
    view->addAction(tr("Charts as tables"), QKeySequence(Qt::CTRL | Qt::Key_T), this,
                    [this] { toggleTables(m_pages->currentWidget()); });
    view->addAction(tr("Filter"), QKeySequence(Qt::CTRL | Qt::Key_F), this, &MainWindow::focusFilter);
    view->addSeparator();
    view->addAction(tr("Light theme"), this, [this] { setDarkTheme(false); });
    view->addAction(tr("Dark theme"), this, [this] { setDarkTheme(true); });
    QMenu* go = m_menu->addMenu(tr("&Go"));
    int number = 0;
    for (const present::Page page : {present::Page::Fleet, present::Page::Model, present::Page::Drift,
                                     present::Page::Evaluate, present::Page::Train, present::Page::Audit}) {
        go->addAction(toQString(present::pageTitle(page)),
                      QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + number++)), this,
                      [this, page] { showPage(page); });
    }
    go->addSeparator();
    go->addAction(tr("Go to or run\u2026"), QKeySequence(Qt::CTRL | Qt::Key_K), this, &MainWindow::goTo);
    QMenu* help = m_menu->addMenu(tr("&Help"));
    help->addAction(tr("All keys"), QKeySequence(Qt::Key_F1), this, [this] { (new KeyList(this))->open(); });
}

void MainWindow::makeShortcuts() {
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this, &MainWindow::goBack);
    connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_E), this), &QShortcut::activated, this, [this] {
        if (m_page == present::Page::Evaluate)
            exportEvaluation();
        else
            exportAudit();
    });
    // A key only opens the plan, it never writes. Text fields take their letters before a shortcut sees them.
    const std::array keys{std::pair{Qt::Key_P, "promoteButton"}, std::pair{Qt::Key_W, "setWeightButton"},
                          std::pair{Qt::Key_H, "pauseButton"},   std::pair{Qt::Key_S, "shadowButton"},
                          std::pair{Qt::Key_A, "abortButton"},   std::pair{Qt::Key_B, "rollBackButton"}};
    for (const auto& [key, name] : keys) {
        auto* shortcut = new QShortcut(QKeySequence(key), m_modelPage);
        shortcut->setContext(Qt::WindowShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, button = QString::fromLatin1(name)] {
            auto* target = m_modelPage->findChild<QAbstractButton*>(button);
            if (m_page == present::Page::Model && target != nullptr && target->isEnabled())
                target->click();
        });
    }
}

/// They belong to the page, so that H is the Model page's when that one is shown.
void MainWindow::makeTrainKeys() {
    const auto add = [this](const QKeySequence& key, auto act) {
        auto* shortcut = new QShortcut(key, m_trainPage);
        shortcut->setContext(Qt::WindowShortcut);
        connect(shortcut, &QShortcut::activated, m_trainPage, [page = m_trainPage, act] { act(*page); });
    };
    add(QKeySequence(Qt::Key_T), [](TrainPage& page) { page.start(); });
    add(QKeySequence(Qt::Key_H), [](TrainPage& page) { page.pauseOrGoOn(); });
    add(QKeySequence(Qt::CTRL | Qt::Key_Period), [](TrainPage& page) { page.stopAndKeepBest(); });
}

void MainWindow::setTraining(std::shared_ptr<const present::TrainingFacts> training) {
    m_training = std::move(training);
    if (m_page == present::Page::Train)
        refreshPage();
}

void MainWindow::setFacts(Facts facts) {
    m_facts = std::move(facts);
    // Bursts become one repaint; the first facts are shown at once.
    if (!m_repaint.isActive()) {
        refresh();
        m_repaint.start();
    }
}

void MainWindow::refresh() {
    m_shell = present::makeShellScreen(m_facts.snapshot.get(), m_facts.shell, m_clock.now());
    m_context->setValue(m_shell);
    m_rail->setValue(m_shell);
    m_rail->setCurrent(m_page, modelForPage());
    m_user->setText(m_shell.userName.empty() ? Text{} : PERCH_TEXT("Shell", "%1  can change rollouts", {m_shell.userName}));
    if (m_shell.readOnly)
        m_user->setText(PERCH_TEXT("Shell", "%1  read only", {m_shell.userName}));
    m_problem->setText(m_shell.platformProblem);
    if (m_facts.snapshot == nullptr)
        m_fleetPage->setLoading(m_shell.platformProblem.empty());
    if (m_planDialog != nullptr)
        m_planDialog->setNow(m_clock.now());
    refreshPage();
    update();
    Q_EMIT refreshed();
}

ModelName MainWindow::modelForPage() const {
    if (!m_model.text().empty() || m_facts.snapshot == nullptr || m_facts.snapshot->models.empty())
        return m_model;
    const ModelName chosen = m_fleetPage->selected();
    return chosen.text().empty() ? m_facts.snapshot->models.front().model : chosen;
}

present::ModelScreenInput MainWindow::modelInput() const {
    return {m_facts.audit.get(), m_actor, m_facts.shell.readOnly};
}

void MainWindow::refreshPage() {
    const SystemTime now = m_clock.now();
    present::StatusLine status;
    if (m_page == present::Page::Fleet && m_facts.snapshot != nullptr) {
        const present::FleetScreen screen = present::makeFleetScreen(*m_facts.snapshot, now, m_facts.audit.get());
        m_fleetPage->setValue(screen);
        status = screen.status;
    } else if (m_page == present::Page::Model && m_facts.snapshot != nullptr) {
        const present::ModelScreen screen =
            present::makeModelScreen(*m_facts.snapshot, modelForPage(), modelInput(), now);
        m_modelPage->setValue(screen);
        status = screen.status;
    } else if (m_page == present::Page::Drift) {
        status = refreshDrift();
    } else if (m_page == present::Page::Evaluate) {
        const auto found = m_facts.evaluations.find(modelForPage());
        const present::EvaluateScreen screen = found != m_facts.evaluations.end() && found->second != nullptr
                                                   ? present::makeEvaluateScreen(*found->second, m_threshold)
                                                   : present::makeEmptyEvaluateScreen(modelForPage().text());
        m_evaluatePage->setValue(screen);
        offerEvaluations();
        status = screen.status;
    } else if (m_page == present::Page::Train) {
        status = refreshTrain();
    } else if (m_page == present::Page::Audit) {
        const present::AuditFacts none;
        const present::AuditScreen screen =
            present::makeAuditScreen(m_facts.audit != nullptr ? *m_facts.audit : none, now);
        m_auditPage->setValue(screen);
        status = screen.status;
    }
    m_status->setValue(m_shell.readAt, status);
}

present::StatusLine MainWindow::refreshTrain() {
    const ModelName name = modelForPage();
    if (name != m_trained)
        m_trainPage->resetChoice();
    m_trained = name;
    present::TrainScreenInput input;
    input.model = name;
    input.served = m_facts.snapshot == nullptr ? nullptr : m_facts.snapshot->find(name);
    input.choice = m_trainPage->choice();
    input.canStart = m_trainPage->control().available();
    input.readOnly = m_facts.shell.readOnly;
    if (m_trainPage->control().running())
        input.starting = toQString(PERCH_TEXT("Train", "Starting the training")).toStdString();
    const present::TrainingFacts none;
    const present::TrainScreen screen =
        present::makeTrainScreen(m_training != nullptr ? *m_training : none, input, m_clock.now());
    m_trainPage->setValue(screen);
    return screen.status;
}

void MainWindow::connectDrift() {
    connect(m_driftPage, &DriftPage::changed, this, &MainWindow::refreshPage);
    connect(m_driftPage, &DriftPage::measured, this, [this](std::shared_ptr<const drift::DriftRecord> record) {
        const ModelName name = record->model;
        m_facts.drifts[name] = std::move(record);
        refreshPage();
    });
    connect(m_driftPage, &DriftPage::trainRequested, this, [this](const QString& file) {
        showPage(present::Page::Train);
        m_trainPage->setData(file.toStdString());
    });
}

present::StatusLine MainWindow::refreshDrift() {
    const ModelName name = modelForPage();
    m_driftPage->setChoices(knownChoices(m_facts, name));
    present::DriftScreenInput input{.model = name.text(), .snapshot = m_facts.snapshot.get()};
    input.served = m_facts.snapshot == nullptr ? nullptr : m_facts.snapshot->find(name);
    const auto found = m_facts.drifts.find(name);
    input.record = found == m_facts.drifts.end() ? nullptr : found->second.get();
    input.selected = m_driftPage->selected();
    input.order = m_driftPage->order();
    input.range = m_driftPage->range();
    input.canMeasure = m_driftPage->canMeasure();
    const present::DriftScreen screen = present::makeDriftScreen(input, m_clock.now());
    m_driftPage->setValue(screen);
    return screen.status;
}

void MainWindow::offerEvaluations() {
    const ModelName name = modelForPage();
    if (m_facts.snapshot != nullptr && m_facts.snapshot->find(name) != nullptr)
        m_evaluatePage->setChoices(knownChoices(m_facts, name));
}

void MainWindow::showPage(present::Page page) {
    if (page == present::Page::Model && m_model.text().empty())
        m_model = modelForPage();
    m_page = page;
    m_pages->setCurrentIndex(static_cast<int>(page));
    m_rail->setCurrent(page, modelForPage());
    refreshPage();
}

void MainWindow::openModel(const ModelName& model) {
    if (model != m_model)
        m_threshold.reset();
    m_model = model;
    const bool stays = m_page == present::Page::Drift || m_page == present::Page::Evaluate || m_page == present::Page::Train;
    showPage(stays ? m_page : present::Page::Model);
}

void MainWindow::requestPlan(const rollout::Intent& intent) {
    say(PERCH_TEXT("Shell", "Making the plan"), present::Tone::Secondary);
    Q_EMIT planRequested(intent);
}

void MainWindow::showPlan(const rollout::Plan& plan) {
    m_status->setMessage({}, present::Tone::Plain);
    if (m_facts.snapshot == nullptr)
        return;
    const present::PlanScreen screen = present::makePlanScreen(
        plan, *m_facts.snapshot, m_facts.shell.nameSpace.empty() ? m_facts.shell.workspace : m_facts.shell.nameSpace);
    m_plan = plan;
    if (m_planDialog != nullptr) {
        m_planDialog->setValue(screen);
        return;
    }
    m_planDialog = new PlanDialog(screen, this);
    m_planDialog->setAttribute(Qt::WA_DeleteOnClose);
    m_planDialog->setNow(m_clock.now());
    m_planDialog->setDialogs(m_dialogs);
    connect(m_planDialog, &PlanDialog::confirmed, this, [this](const QString& reason) {
        m_plan->intent.reason = reason.toStdString();
        setProgress(m_plan->intent, 0, PERCH_TEXT("Shell", "Starting"));
        Q_EMIT planConfirmed(*m_plan);
    });
    connect(m_planDialog, &PlanDialog::readAgain, this, [this] { Q_EMIT planRequested(m_plan->intent); });
    m_planDialog->open();
}

void MainWindow::setProgress(const rollout::Intent& intent, std::size_t done, const Text& step) {
    m_modelPage->setBusy(buttonOf(intent.action), toQString(step));
    m_status->setMessage(step, present::Tone::Accent);
    m_messageEnd.stop();
    if (m_planDialog != nullptr)
        m_planDialog->setProgress(static_cast<int>(done), toQString(step));
}

void MainWindow::showDone(const rollout::Intent& intent, const std::vector<std::string>& notes) {
    std::string all = present::doneText(intent).english();
    for (const std::string& note : notes)
        all += ". " + note;
    finish(notes.empty() ? present::State::Pass : present::State::Warning, verbatim(all));
}

void MainWindow::showFailure(const Error& error) {
    finish(present::State::Fail, verbatim(error.message));
}

void MainWindow::finish(present::State state, const Text& sentence) {
    m_modelPage->setBusy(std::nullopt, QString());
    if (m_planDialog != nullptr)
        m_planDialog->setResult(state, toQString(sentence));
    say(sentence, state == present::State::Pass   ? present::Tone::Pass
                  : state == present::State::Fail ? present::Tone::Fail
                                                  : present::Tone::Warning);
}

void MainWindow::say(const Text& message, present::Tone tone) {
    constexpr int kShownFor = 15'000;
    m_status->setMessage(message, tone);
    m_messageEnd.start(kShownFor);
}

void MainWindow::goBack() {
    if (m_page != present::Page::Fleet)
        showPage(present::Page::Fleet);
}

void MainWindow::focusFilter() {
    if (m_page == present::Page::Audit)
        m_auditPage->focusFilter();
    else
        showPage(present::Page::Fleet), m_fleetPage->focusFilter();
}

void MainWindow::goTo() {
    std::vector<GoToEntry> entries;
    int number = 1;
    for (const present::ShellScreen::RailItem& item : m_shell.rail) {
        entries.push_back(
            {item.title, QStringLiteral("Ctrl+%1").arg(number++), true, [this, page = item.page] { showPage(page); }});
    }
    for (const present::ShellScreen::RailModel& model : m_shell.models)
        entries.push_back({verbatim(model.model.text()), toQString(model.word), true,
                           [this, name = model.model] { openModel(name); }});
    if (m_facts.snapshot != nullptr && m_facts.snapshot->find(modelForPage()) != nullptr) {
        const present::ModelScreen screen =
            present::makeModelScreen(*m_facts.snapshot, modelForPage(), modelInput(), m_clock.now());
        for (const present::ActionButton& action : screen.actions) {
            entries.push_back({PERCH_TEXT("Shell", "%1: %2", {screen.model.text(), action.label.english()}),
                               toQString(action.second), action.enabled,
                               [this, intent = action.intent, name = screen.model] {
                                   openModel(name);
                                   requestPlan(intent);
                               }});
        }
    }
    (new GoTo(std::move(entries), this))->open();
}

void MainWindow::exportAudit() {
    if (m_facts.audit == nullptr)
        return;
    const bool filtered = m_page == present::Page::Audit;
    save(tr("Export audit"), QStringLiteral("perch-audit.csv"), tr("Comma-separated values (*.csv)"),
         filtered ? m_auditPage->csv() : present::toCsv(present::makeAuditScreen(*m_facts.audit, m_clock.now()).rows));
}

void MainWindow::exportEvaluation() {
    const auto found = m_facts.evaluations.find(modelForPage());
    if (found == m_facts.evaluations.end() || found->second == nullptr)
        return;
    save(tr("Export report"), QString::fromStdString(found->first.text() + "-evaluation.html"), tr("HTML (*.html)"),
         evaluate::makeReport(*found->second));
}

void MainWindow::save(const QString& title, const QString& suggestion, const QString& filter,
                      const std::string& bytes) {
    const QString file = m_dialogs.saveFile(this, title, suggestion, filter);
    if (file.isEmpty())
        return;
    QSaveFile out(file);
    const bool written =
        out.open(QIODevice::WriteOnly) &&
        out.write(bytes.data(), static_cast<qint64>(bytes.size())) == static_cast<qint64>(bytes.size()) && out.commit();
    if (!written)
        m_dialogs.tell(this, tr("Cannot write %1: %2.").arg(file, out.errorString()));
    else
        say(PERCH_TEXT("Shell", "Written to %1", {file.toStdString()}), present::Tone::Pass);
}

void MainWindow::setDarkTheme(bool dark) {
    setTheme(dark ? kDarkTheme : kLightTheme);
    applyLook();
    refresh();
}

void MainWindow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Theme& t = theme();
    painter.fillRect(rect(), t.win);
    using Frame = present::ShellScreen::Frame;
    const QColor frame = m_shell.frame == Frame::Production ? t.prod
                         : m_shell.frame == Frame::Staging  ? t.warnFill
                                                            : t.raised;
    for (int i = 0; i < kFrame; ++i) {
        painter.setPen(frame);
        painter.drawRect(rect().adjusted(i, i, -i - 1, -i - 1));
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_rail->setCompact(width() < kNarrowWindow);
    m_context->setBrandWidth(m_rail->width());
}

/// A training ends with the window that it was started in.
void MainWindow::closeEvent(QCloseEvent* event) {
    const bool loses = m_trainPage->control().running() && m_dialogs.confirm;
    if (loses && !m_dialogs.confirm(
                     this, tr("A training runs in this window. Closing cancels it, and nothing of it is kept."),
                     tr("Cancel the training and close")))
        event->ignore();
    else
        QWidget::closeEvent(event);
}

} // namespace perch::widgets
