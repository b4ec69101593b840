#include "core/model/training_run_json.h"
#include "core/present/train_screen.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/button.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/theme.h"
#include "widgets/train/runs_table.h"
#include "widgets/train/train_page.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <QThreadPool>

#include <atomic>
#include <cmath>
#include <mutex>

using namespace perch;
using namespace perch::widgets;

namespace {

constexpr std::int64_t kNow = 1'778'596'328'000;

std::shared_ptr<present::TrainingRun> trainingRun(const char* id, model::RunState state, int rounds) {
    auto run = std::make_shared<present::TrainingRun>();
    run->id = id;
    run->model = *ModelName::parse("churn");
    run->state = state;
    run->started = fromMillis(kNow - 60'000);
    run->by = "ana@desk";
    run->dataset = {
        "/data/churn.csv", "51ce08aa7d3b0000", 7'043, 20, "churn", 0.265, "stratified", 4'507, 1'127, 1'409};
    run->rounds = 500;
    run->bestRound = rounds - 10;
    for (int round = 1; round <= rounds; ++round) {
        const double loss = 0.4 + 0.3 * std::exp(-round / 40.0);
        run->curve.push_back(
            {static_cast<std::uint32_t>(round), Seconds(round * 0.1), {{"logloss", loss}}, {{"logloss", loss + 0.02}}});
    }
    run->log = {{run->started, "info", "read 7,043 rows"}};
    return run;
}

} // namespace

/// The Train page in the real window: by mouse, by keys, with trainers and controllers that only remember.
class TrainPageTest : public QObject {
    Q_OBJECT

    ManualClock m_clock{fromMillis(kNow)};
    QThreadPool m_pool;
    std::unique_ptr<MainWindow> m_window;
    QString m_chosenFile, m_question;
    bool m_confirms = false;
    std::mutex m_mutex;
    std::vector<TrainingOrder> m_orders;
    std::vector<std::pair<std::string, model::RunControl>> m_asked;
    std::atomic<bool> m_trainEnds = true, m_offThread = false;

    template <typename T>
    T& find(const char* name) const {
        T* found = m_window->findChild<T*>(QString::fromLatin1(name));
        if (found == nullptr)
            qFatal("there is no %s", name);
        return *found;
    }
    void show(std::vector<std::shared_ptr<present::TrainingRun>> runs) {
        auto facts = std::make_shared<present::TrainingFacts>();
        facts->runs.assign(runs.begin(), runs.end());
        m_window->setTraining(facts);
        m_window->openModel(*ModelName::parse("churn"));
        m_window->showPage(present::Page::Train);
    }
    void click(const char* name) {
        auto& button = find<QAbstractButton>(name);
        QTRY_VERIFY(button.isVisible() && button.isEnabled() && button.width() > 20);
        QCoreApplication::processEvents();
        QTest::mouseClick(&button, Qt::LeftButton);
    }
    void type(const char* field, const char* text) {
        auto& edit = find<QLineEdit>(field);
        edit.setFocus();
        edit.selectAll();
        QTest::keyClicks(&edit, QString::fromLatin1(text));
    }
    std::size_t orders() {
        const std::lock_guard lock(m_mutex);
        return m_orders.size();
    }
    std::size_t asked() {
        const std::lock_guard lock(m_mutex);
        return m_asked.size();
    }

private Q_SLOTS:
    void init() {
        setTheme(kLightTheme);
        applyLook();
        m_orders.clear();
        m_asked.clear();
        m_trainEnds = true;
        Dialogs dialogs;
        dialogs.openFile = [this](QWidget*, const QString&, const QString&) { return m_chosenFile; };
        dialogs.confirm = [this](QWidget*, const QString& question, const QString&) {
            m_question = question;
            return m_confirms;
        };
        m_window = std::make_unique<MainWindow>(m_clock, rollout::Actor{"ana@desk", "perch-console"}, dialogs);
        m_window->resize(1600, 1000);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        const QThread* gui = QThread::currentThread();
        m_window->trainPage().control().setTrainer(
            [this, gui](const TrainingOrder& order, std::stop_token stop) -> Result<std::string> {
                m_offThread = QThread::currentThread() != gui;
                {
                    const std::lock_guard lock(m_mutex);
                    m_orders.push_back(order);
                }
                while (!m_trainEnds && !stop.stop_requested())
                    std::this_thread::yield();
                return std::string("r-new");
            },
            &m_pool);
        m_window->trainPage().control().setController(
            [this](const std::string& run, model::RunControl what) -> Result<void> {
                const std::lock_guard lock(m_mutex);
                m_asked.emplace_back(run, what);
                return {};
            },
            &m_pool);
    }
    void cleanup() {
        m_trainEnds = true;
        m_window.reset();
        m_pool.waitForDone();
    }

    void startsWhatTheFormSays() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        type("depthField", "7");
        click("startTrainingButton");
        QTRY_COMPARE(orders(), 1U);
        QVERIFY(m_offThread);
        QCOMPARE(m_orders[0].request->training.depth, 7U);
        QCOMPARE(m_orders[0].request->label, std::string("churn"));
        QCOMPARE(m_orders[0].request->data.string(), std::string("/data/churn.csv"));
    }

    void oneTrainingAtATime() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        m_trainEnds = false;
        click("startTrainingButton");
        QTRY_COMPARE(orders(), 1U);
        QVERIFY(!find<QAbstractButton>("startTrainingButton").isEnabled());
        QTest::keyClick(m_window.get(), Qt::Key_T);
        QCOMPARE(orders(), 1U);
        m_trainEnds = true;
        QTRY_VERIFY(find<QAbstractButton>("startTrainingButton").isEnabled());
    }

    void closingAsksBeforeATrainingIsLost() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        m_trainEnds = false;
        click("startTrainingButton");
        QTRY_COMPARE(orders(), 1U);
        m_confirms = false;
        QVERIFY(!m_window->close());
        QVERIFY(m_window->isVisible());
        QVERIFY2(m_question.contains(QStringLiteral("nothing of it is kept")), qPrintable(m_question));
        m_confirms = true;
        QVERIFY(m_window->close());
        m_trainEnds = true;
        QTRY_VERIFY(!m_window->trainPage().control().running());
        m_question.clear();
        m_window->show();
        QVERIFY(m_window->close());
        QVERIFY(m_question.isEmpty());
    }

    void aWrongParameterSaysWhyAndStartsNothing() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        type("depthField", "deep");
        auto& error = find<QWidget>("depthFieldError");
        QVERIFY(error.isVisible());
        QVERIFY(find<QLineEdit>("depthField").accessibleDescription().contains(QStringLiteral("depth")));
        auto& start = find<QAbstractButton>("startTrainingButton");
        QVERIFY(!start.isEnabled());
        QVERIFY(start.accessibleDescription().contains(QStringLiteral("Max depth")));
        type("depthField", "5");
        QVERIFY(!error.isVisible());
        QVERIFY(start.isEnabled());
        QCOMPARE(orders(), 0U);
    }

    void pausesAndStopsAtABestRound() {
        show({trainingRun("r-2", model::RunState::Running, 120)});
        click("pauseTrainingButton");
        QTRY_COMPARE(asked(), 1U);
        click("stopTrainingButton");
        QTRY_COMPARE(asked(), 2U);
        QVERIFY(m_asked[0] == std::pair(std::string("r-2"), model::RunControl::Pause));
        QVERIFY(m_asked[1] == std::pair(std::string("r-2"), model::RunControl::Stop));
        auto paused = trainingRun("r-2", model::RunState::Running, 120);
        paused->paused = true;
        show({paused});
        click("pauseTrainingButton");
        QTRY_COMPARE(asked(), 3U);
        QVERIFY(m_asked[2].second == model::RunControl::Resume);
    }

    void keysAlone() {
        show({trainingRun("r-2", model::RunState::Running, 120)});
        QTest::keyClick(m_window.get(), Qt::Key_5, Qt::ControlModifier);
        QVERIFY(m_window->page() == present::Page::Train);
        QTest::keyClick(m_window.get(), Qt::Key_H);
        QTRY_COMPARE(asked(), 1U);
        QTest::keyClick(m_window.get(), Qt::Key_Period, Qt::ControlModifier);
        QTRY_COMPARE(asked(), 2U);
        show({trainingRun("r-2", model::RunState::Finished, 120)});
        m_window->setFocus();
        QTest::keyClick(m_window.get(), Qt::Key_T);
        QTRY_COMPARE(orders(), 1U);
    }

    void parametersAreReadOnlyWhileRunning() {
        show({trainingRun("r-2", model::RunState::Running, 120)});
        QVERIFY(find<QLineEdit>("depthField").isReadOnly());
        QVERIFY(!find<QAbstractButton>("changeDataButton").isVisible());
        show({trainingRun("r-2", model::RunState::Finished, 120)});
        QVERIFY(!find<QLineEdit>("depthField").isReadOnly());
    }

    void anotherFileIsChosen() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        m_chosenFile = QStringLiteral("/data/newer.csv");
        click("changeDataButton");
        QVERIFY(find<QWidget>("datasetView").accessibleDescription().startsWith(QStringLiteral("newer.csv")));
        click("startTrainingButton");
        QTRY_COMPARE(orders(), 1U);
        QCOMPARE(m_orders[0].request->data.string(), std::string("/data/newer.csv"));
    }

    void anInterruptedRunIsResumed() {
        show({trainingRun("r-3", model::RunState::Interrupted, 90)});
        QVERIFY(find<QWidget>("trainMessage").isVisible());
        click("startTrainingButton");
        QTRY_COMPARE(orders(), 1U);
        QCOMPARE(m_orders[0].resumes, std::string("r-3"));
    }

    void pastRunsAreLaidOverTheCurve() {
        auto first = trainingRun("r-1", model::RunState::Finished, 200);
        first->started = fromMillis(kNow - 90'000'000);
        show({trainingRun("r-2", model::RunState::Finished, 150), first});
        auto& curve = find<CurveChart>("learningCurve");
        const auto rows = curve.table().rows.size();
        auto& segments = find<Segments>("recordSegments");
        QTest::mouseClick(&segments, Qt::LeftButton, {}, QPoint(segments.width() - 10, segments.height() / 2));
        auto& runs = find<RunsTable>("runsTable");
        QVERIFY(runs.isVisible());
        runs.setFocus();
        runs.setCurrentIndex(runs.model()->index(1, 1));
        QTest::keyClick(&runs, Qt::Key_Space);
        QCOMPARE(curve.table().rows.size(), rows + 200);
        QTest::keyClick(&runs, Qt::Key_Return);
        QCOMPARE(m_window->trainPage().choice().run, std::string("r-1"));
    }

    void theCurveFollowsAndTheTableTellsTheSame() {
        show({trainingRun("r-2", model::RunState::Running, 100)});
        auto& curve = find<CurveChart>("learningCurve");
        QCOMPARE(curve.table().rows.size(), 200);
        show({trainingRun("r-2", model::RunState::Running, 120)});
        QCOMPARE(curve.table().rows.size(), 240);
        QVERIFY(curve.accessibleDescription().contains(QStringLiteral("valid 0.4")));
        QCOMPARE(find<QPlainTextEdit>("trainingLog").blockCount(), 1);
    }

    void theScriptIsCopied() {
        show({trainingRun("r-1", model::RunState::Finished, 200)});
        click("copyScriptButton");
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("perch train --config 'churn.yaml'")));
    }
};

QTEST_MAIN(TrainPageTest)
#include "train_page_test.moc"
