#include "app/console/drift_measurer.h"
#include "app/console/plan_runner.h"
#include "app/console/platform_feed.h"
#include "app/console/trainer.h"
#include "app/console/training_feed.h"
#include "widgets/drift/drift_page.h"
#include "widgets/evaluate/picker.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_page.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QProcess>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace perch;

/// The console on a real local platform: `perch train`, `perch local up`, then canary, weight and roll back by clicks,
/// through the plan dialog, the executor and HAProxy, until the screen shows what the platform says.
class ConsoleLiveTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    RealClock m_clock;
    std::optional<Workspace> m_workspace;
    std::unique_ptr<widgets::MainWindow> m_window;
    std::unique_ptr<console::PlatformFeed> m_feed;
    std::unique_ptr<console::PlanRunner> m_runner;
    widgets::Facts m_arrived, m_facts; ///< what was read last, and what of it the window shows
    QThreadPool m_trainers, m_controls, m_comparisons;
    std::unique_ptr<console::TrainingFeed> m_trainFeed;
    std::shared_ptr<const present::TrainingFacts> m_trainings;

    void perch(QStringList arguments) {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        const QString program = QCoreApplication::applicationDirPath() + QStringLiteral("/perch");
        process.start(program, QStringList{QStringLiteral("--workspace"), m_folder.path()} + arguments);
        QVERIFY2(process.waitForFinished(120'000), "perch did not end");
        QVERIFY2(process.exitCode() == 0, process.readAll().constData());
    }
    QStringList words(const char* text) const { return QString::fromLatin1(text).split(u' '); }

    const fleet::ModelFacts* model() const {
        return m_facts.snapshot != nullptr ? m_facts.snapshot->find(*ModelName::parse("churn")) : nullptr;
    }
    Percent weight() const { return model() != nullptr && model()->route.canary ? model()->route.canaryWeight : Percent(); }

    QDialog* plan() const { return m_window->findChild<QDialog*>(QStringLiteral("planDialog")); }
    void click(QWidget* parent, const char* name) {
        auto* button = parent->findChild<QAbstractButton*>(QString::fromLatin1(name));
        QVERIFY(button != nullptr);
        // Laid out as well: a click on a button without a size is no click.
        QTRY_VERIFY_WITH_TIMEOUT(button->isVisible() && button->isEnabled() && button->width() > 20, 20'000);
        QCoreApplication::processEvents();
        QTest::mouseClick(button, Qt::LeftButton);
    }
    /// Click, read the plan, confirm, wait for the end, close.
    void act(const char* button) {
        QSignalSpy done(m_runner.get(), &console::PlanRunner::done);
        QSignalSpy failed(m_runner.get(), &console::PlanRunner::failed);
        QSignalSpy requested(m_window.get(), &widgets::MainWindow::planRequested);
        click(m_window.get(), button);
        QTRY_VERIFY2_WITH_TIMEOUT(requested.count() == 1, "the click raised no intent", 2'000);
        const auto shown = [this] { return plan() != nullptr && plan()->isVisible(); };
        QTRY_VERIFY_WITH_TIMEOUT(shown() || failed.count() > 0, 20'000);
        if (shown()) {
            click(plan(), "confirmButton");
            QTRY_VERIFY_WITH_TIMEOUT(done.count() + failed.count() > 0, 60'000);
        }
        if (failed.count() > 0)
            QFAIL(failed.first().at(0).value<Error>().message.c_str());
        delete plan();
    }

private Q_SLOTS:
    void initTestCase() {
        perch(words("train --label churn --positive Yes --model churn --rounds 20 --data " PERCH_SOURCE_DIR
                    "/resources/data/wa_churn.csv"));
        perch(words("train --label churn --positive Yes --model churn --rounds 30 --data " PERCH_SOURCE_DIR
                    "/resources/data/wa_churn.csv"));
        perch(words("local up --replicas 1"));
        widgets::setTheme(widgets::kLightTheme);
        widgets::applyLook();
        m_workspace = *Workspace::open(m_folder.path().toStdString());
        const present::ShellInput shell{"test", "tester@here", false, ""};
        m_window = std::make_unique<widgets::MainWindow>(m_clock, rollout::Actor{"tester@here", "perch-console"}, widgets::Dialogs{});
        const console::PlatformOpener open = console::localPlatform(*m_workspace, m_clock, shell.user);
        m_feed = std::make_unique<console::PlatformFeed>(*m_workspace, m_clock, shell, open);
        m_runner = std::make_unique<console::PlanRunner>(open);
        connect(m_feed.get(), &console::PlatformFeed::arrived, this, [this](const widgets::Facts& facts) {
            m_arrived = facts;
            m_window->setFacts(facts);
        });
        connect(m_window.get(), &widgets::MainWindow::refreshed, this, [this] { m_facts = m_arrived; });
        connect(m_window.get(), &widgets::MainWindow::planRequested, m_runner.get(), &console::PlanRunner::plan);
        connect(m_window.get(), &widgets::MainWindow::planConfirmed, m_runner.get(), &console::PlanRunner::execute);
        connect(m_runner.get(), &console::PlanRunner::planned, m_window.get(), &widgets::MainWindow::showPlan);
        connect(m_runner.get(), &console::PlanRunner::progressed, m_window.get(), &widgets::MainWindow::setProgress);
        connect(m_runner.get(), &console::PlanRunner::failed, m_window.get(), &widgets::MainWindow::showFailure);
        connect(m_runner.get(), &console::PlanRunner::done, m_window.get(), &widgets::MainWindow::showDone);
        connect(m_runner.get(), &console::PlanRunner::done, m_feed.get(), &console::PlatformFeed::readNow);
        m_trainFeed = std::make_unique<console::TrainingFeed>(*m_workspace, m_clock);
        connect(m_trainFeed.get(), &console::TrainingFeed::arrived, this,
            [this](const std::shared_ptr<const present::TrainingFacts>& facts) {
                m_trainings = facts;
                m_window->setTraining(facts);
            });
        connect(m_window.get(), &widgets::MainWindow::trainingReadAgain, m_trainFeed.get(), &console::TrainingFeed::readNow);
        m_window->trainPage().control().setTrainer(console::makeTrainer(*m_workspace, m_clock, shell.user), &m_trainers);
        m_window->trainPage().control().setController(console::makeTrainingController(*m_workspace), &m_controls);
        m_window->driftPage().setMeasurer(console::makeDriftMeasurer(*m_workspace, m_clock), &m_comparisons);
        m_trainFeed->start();
        m_window->resize(1600, 1000);
        m_window->show();
        m_feed->start();
        QTRY_VERIFY_WITH_TIMEOUT(model() != nullptr, 20'000);
        m_window->openModel(*ModelName::parse("churn"));
    }

    void startsACanary() {
        act("promoteButton");
        QTRY_COMPARE_WITH_TIMEOUT(weight().basisPoints(), 1'000, 20'000);
        QVERIFY(model()->route.canary == Version{2});
    }

    void promotesToTheNextStep() {
        act("promoteButton");
        QTRY_COMPARE_WITH_TIMEOUT(weight().basisPoints(), 2'500, 20'000);
    }

    void setsAWeight() {
        auto* field = m_window->findChild<QDoubleSpinBox*>(QStringLiteral("weightField"));
        QVERIFY(field != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(field->isEnabled(), 20'000);
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("30"));
        QTest::keyClick(field, Qt::Key_Tab);
        act("applyWeightButton");
        QTRY_COMPARE_WITH_TIMEOUT(weight().basisPoints(), 3'000, 20'000);
    }

    void pausesAndGoesOn() {
        const auto phase = [this] { return model() == nullptr ? fleet::Phase::Idle : model()->phase; };
        act("pauseButton");
        QTRY_VERIFY_WITH_TIMEOUT(phase() == fleet::Phase::Held, 20'000);
        act("pauseButton");
        QTRY_VERIFY_WITH_TIMEOUT(phase() == fleet::Phase::Stepping, 20'000);
    }

    void abortsAndStartsAgain() {
        act("abortButton");
        QTRY_VERIFY_WITH_TIMEOUT(model() != nullptr && !model()->route.canary, 20'000);
        QVERIFY(model()->route.stable == Version{1});
        act("promoteButton");
        QTRY_COMPARE_WITH_TIMEOUT(weight().basisPoints(), 1'000, 20'000);
    }

    void rollsBackAndSaysSoInTheAudit() {
        act("rollBackButton");
        QTRY_VERIFY_WITH_TIMEOUT(model() != nullptr && !model()->route.canary, 20'000);
        QVERIFY(model()->route.stable == Version{1});
        QTRY_VERIFY_WITH_TIMEOUT(
            m_facts.audit != nullptr && m_facts.audit->records.back().action == "roll_back", 20'000);
        QCOMPARE(m_facts.audit->records.back().actor.program, std::string("perch-console"));
        QVERIFY(m_facts.audit->verdict == present::AuditFacts::Verdict::Verified);
    }

    /// The real engine from the form: started, followed while it runs, stopped at its best round, registered.
    void trainsAndKeepsTheBestRound() {
        auto& page = m_window->trainPage();
        m_window->showPage(present::Page::Train);
        m_window->openModel(*ModelName::parse("churn"));
        const auto newest = [this] {
            return m_trainings == nullptr || m_trainings->runs.empty() ? nullptr : m_trainings->runs.front();
        };
        QTRY_VERIFY_WITH_TIMEOUT(newest() != nullptr, 20'000);
        const std::string before = newest()->id;
        const auto type = [&](const char* field, const char* text) {
            auto* edit = page.findChild<QLineEdit*>(QString::fromLatin1(field));
            edit->setFocus();
            edit->selectAll();
            QTest::keyClicks(edit, QString::fromLatin1(text));
        };
        type("roundsField", "20000");
        type("earlyStoppingField", "20000");
        click(m_window.get(), "startTrainingButton");
        QTRY_VERIFY_WITH_TIMEOUT(newest()->id != before && newest()->curve.size() > 20, 60'000);
        QVERIFY(newest()->state == model::RunState::Running);
        click(m_window.get(), "pauseTrainingButton");
        QTRY_VERIFY_WITH_TIMEOUT(newest()->paused, 20'000);
        click(m_window.get(), "pauseTrainingButton");
        QTRY_VERIFY_WITH_TIMEOUT(!newest()->paused, 20'000);
        click(m_window.get(), "stopTrainingButton");
        QTRY_VERIFY_WITH_TIMEOUT(newest()->state == model::RunState::Stopped, 60'000);
        QVERIFY(newest()->bestRound.has_value());
        QVERIFY2(newest()->version == Version{3}, newest()->reasons.empty() ? "" : newest()->reasons.front().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(!page.control().running(), 20'000);
        m_feed->readNow();
        QTRY_VERIFY_WITH_TIMEOUT(m_facts.audit != nullptr && m_facts.audit->records.back().action == "train", 20'000);
        QCOMPARE(m_facts.audit->records.back().actor.program, std::string("perch-console"));
    }

    void comparesTwoTablesAndKeepsTheResult() {
        m_window->showPage(present::Page::Drift);
        auto* current = m_window->findChild<widgets::Picker*>(QStringLiteral("currentPicker"));
        QVERIFY(current != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(current->isVisible(), 20'000);
        current->setCurrent(QStringLiteral(PERCH_SOURCE_DIR "/resources/data/wa_churn.csv"));
        Q_EMIT current->chosen(current->current());
        click(m_window.get(), "measureDriftButton");
        const ModelName name = *ModelName::parse("churn");
        // The feed finds it in the workspace.
        QTRY_VERIFY_WITH_TIMEOUT(m_facts.drifts.contains(name), 60'000);
        const drift::DriftRecord& record = *m_facts.drifts[name];
        QVERIFY(record.drift.report.drifted == false);
        QVERIFY(record.drift.estimate.has_value());
        const auto* table = m_window->findChild<QTableView*>(QStringLiteral("driftTable"));
        QTRY_COMPARE(table->model()->rowCount(), static_cast<int>(record.drift.report.columns.size()));
    }

    void cleanupTestCase() {
        m_trainFeed.reset();
        m_window.reset();
        m_feed.reset();
        m_runner.reset();
        perch(words("local down"));
    }
};

QTEST_MAIN(ConsoleLiveTest)
#include "console_live_test.moc"
