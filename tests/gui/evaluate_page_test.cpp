#include "core/base/file.h"
#include "core/base/json.h"
#include "core/evaluate/evaluation_json.h"
#include "tests/gui/screen_samples.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/evaluate/class_matrix.h"
#include "widgets/evaluate/evaluate_page.h"
#include "widgets/evaluate/picker.h"
#include "widgets/evaluate/threshold_slider.h"
#include "widgets/support/button.h"
#include "widgets/support/perch_style.h"

#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QThreadPool>
#include <nlohmann/json.hpp>

#include <atomic>

using namespace perch;
using namespace perch::widgets;

namespace {

struct Shown {
    QWidget window;
    EvaluatePage page;
    evaluate::Evaluation evaluation = test::sampleEvaluation();
    Shown() : page(&window) {
        window.resize(1'600, 1'000);
        page.resize(1'394, 900);
        page.setValue(present::makeEvaluateScreen(evaluation));
        window.show();
        [[maybe_unused]] const bool exposed = QTest::qWaitForWindowExposed(&window);
    }
    template <typename T>
    T* child(const char* name) {
        return page.findChild<T*>(QString::fromLatin1(name));
    }
};

/// One of the evaluations in tests/fixtures; of another model where it cannot be read.
evaluate::Evaluation recordedEvaluation(const char* name) {
    const std::string file = std::string(PERCH_SOURCE_DIR) + "/tests/fixtures/" + name;
    const auto text = readFile(file);
    const auto document = text ? parseJson(*text, file) : Result<nlohmann::json>(text.error());
    const auto evaluation =
        document ? evaluate::evaluationFromJson(*document, file) : Result<evaluate::Evaluation>(document.error());
    return evaluation ? *evaluation : evaluate::Evaluation();
}

} // namespace

class EvaluatePageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyLook(); }

    void showsBothModelsInWordsAndNumbers() {
        Shown shown;
        QCOMPARE(shown.child<Picker>("candidatePicker")->current(), QStringLiteral("v8"));
        QCOMPARE(shown.child<Picker>("baselinePicker")->current(), QStringLiteral("v7"));
        auto* metrics = shown.child<QTableView>("metricsTable");
        QCOMPARE(metrics->model()->rowCount(), 9);
        QVERIFY(shown.child<CurveChart>("firstCurve")
                    ->accessibleDescription()
                    .contains(QStringLiteral("v8 candidate 0.9")));
        QVERIFY(!shown.child<CurveChart>("firstCurve")->table().rows.isEmpty());
        QCOMPARE(shown.child<QTableView>("slicesTable")->model()->rowCount(), 4);
    }

    void thresholdMovesByKeysAndMouse() {
        Shown shown;
        QSignalSpy moved(&shown.page, &EvaluatePage::thresholdMoved);
        auto* slider = shown.child<ThresholdSlider>("thresholdSlider");
        QCOMPARE(slider->value(), 0.5);
        shown.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&shown.window));
        QTest::keyClick(&shown.window, Qt::Key_BracketLeft);
        QCOMPARE(moved.size(), 1);
        QCOMPARE(moved.at(0).at(0).toDouble(), 0.49);
        QTest::keyClick(&shown.window, Qt::Key_BracketRight);
        QTest::keyClick(slider, Qt::Key_PageUp);
        QCOMPARE(slider->value(), 0.6);
        QTest::keyClick(slider, Qt::Key_End);
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(slider->value(), 1.0);
        QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(slider->width() / 4, slider->height() / 2));
        QVERIFY(slider->value() > 0.2 && slider->value() < 0.3);
    }

    void everyNumberFollowsTheThreshold() {
        Shown shown;
        auto* matrix = shown.child<QWidget>("confusionMatrix");
        const QString before = matrix->accessibleName();
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation, 0.2));
        QVERIFY(matrix->accessibleName() != before);
        QCOMPARE(shown.child<ThresholdSlider>("thresholdSlider")->value(), 0.2);
        const auto m = shown.evaluation.candidate.cells.confusionAt(0.2);
        QVERIFY(
            matrix->accessibleName().contains(QString::fromStdString("True positive " + formatCount(m.truePositives))));
    }

    void withoutABaselineNothingIsCompared() {
        Shown shown;
        shown.evaluation.baseline.reset();
        shown.evaluation.comparison.reset();
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation));
        auto* metrics = shown.child<QTableView>("metricsTable");
        QCOMPARE(metrics->model()->headerData(3, Qt::Horizontal).toString(), QString());
        QVERIFY(!shown.child<Picker>("baselinePicker")->isVisible());
    }

    void fairnessIsHonestWhenItWasNotEvaluated() {
        Shown shown;
        auto* fairness = shown.child<TabledChart>("fairnessChart");
        QCOMPARE(fairness->table().rows.size(), 3);
        shown.evaluation.fairness.reset();
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation));
        QVERIFY(fairness->table().rows.isEmpty());
        QCOMPARE(fairness->accessibleDescription(), QStringLiteral("Not evaluated: no group column was given."));
    }

    void severalClassesHaveATableAndAMatrix() {
        Shown shown;
        shown.page.setValue(present::makeEvaluateScreen(recordedEvaluation("fleet_evaluation_classes.json")));
        auto* classes = shown.child<QTableView>("classesTable");
        QVERIFY(classes->isVisible());
        QCOMPARE(classes->model()->rowCount(), 3);
        QCOMPARE(classes->model()->index(2, 0).data().toString(), QStringLiteral("Two year"));
        auto* matrix = shown.child<ClassMatrix>("classMatrix");
        QVERIFY(matrix->isVisible());
        QCOMPARE(matrix->table().rows.size(), 3);
        QCOMPARE(matrix->table().rows[0][1], QStringLiteral("3,599"));
        QVERIFY(
            matrix->accessibleDescription().contains(QStringLiteral("3,599 of 3,875 rows that are Month-to-month")));
        QVERIFY(shown.child<CurveChart>("firstCurve")->isVisible());
        QVERIFY(!shown.child<CurveChart>("secondCurve")->isVisible());
        QVERIFY(!shown.child<QWidget>("confusionMatrix")->isVisible());
        // There is no threshold to move.
        QSignalSpy moved(&shown.page, &EvaluatePage::thresholdMoved);
        QTest::keyClick(&shown.page, Qt::Key_BracketRight);
        QCOMPARE(moved.size(), 0);
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation));
        QVERIFY(!classes->isVisible());
        QVERIFY(shown.child<QWidget>("confusionMatrix")->isVisible());
    }

    void aRegressionShowsItsErrors() {
        Shown shown;
        shown.page.setValue(present::makeEvaluateScreen(recordedEvaluation("fleet_evaluation_regression.json")));
        for (const char* name : {"firstCurve", "secondCurve", "thirdCurve", "fourthCurve"}) {
            QVERIFY(shown.child<CurveChart>(name)->isVisible());
            QVERIFY(!shown.child<CurveChart>(name)->table().rows.isEmpty());
        }
        QVERIFY(shown.child<CurveChart>("firstCurve")->accessibleDescription().contains(QStringLiteral("v9")));
        QVERIFY(!shown.child<QTableView>("classesTable")->isVisible());
        QVERIFY(!shown.child<QWidget>("confusionMatrix")->isVisible());
        QCOMPARE(shown.child<QTableView>("metricsTable")->model()->rowCount(), 4);
    }

    void nothingEvaluatedYetSaysTheCommand() {
        EvaluatePage page;
        page.setValue(present::makeEmptyEvaluateScreen("churn"));
        page.show();
        QVERIFY(!page.findChild<QTableView*>(QStringLiteral("metricsTable"))->isVisible());
        QVERIFY(!page.findChild<Button*>(QStringLiteral("exportReportButton"))->isVisible());
    }

    void anotherChoiceIsEvaluatedInTheBackground() {
        Shown shown;
        QThreadPool pool;
        QSignalSpy evaluated(&shown.page, &EvaluatePage::evaluated);
        const auto guiThread = QThread::currentThread();
        std::atomic<bool> offThread = false;
        shown.page.setEvaluator(
            [&](const EvaluationRequest& request, std::stop_token) -> Result<evaluate::Evaluation> {
                offThread = QThread::currentThread() != guiThread;
                if (request.candidate != "v6" || request.baseline != "v7")
                    return fail(ErrorCode::InvalidInput, "Wrong request.");
                return test::sampleEvaluation();
            },
            &pool);
        shown.page.setChoices({test::sampleModel(), {"v8", "v7", "v6"}, {"loans-2026-04.csv"}});
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation));
        auto* evaluate = shown.child<Button>("evaluateButton");
        QVERIFY(!evaluate->isVisible());
        auto* candidate = shown.child<Picker>("candidatePicker");
        candidate->setCurrent(QStringLiteral("v6"));
        Q_EMIT candidate->chosen(QStringLiteral("v6"));
        QVERIFY(evaluate->isVisible());
        QTest::mouseClick(evaluate, Qt::LeftButton);
        QTRY_COMPARE(evaluated.size(), 1);
        QVERIFY(offThread);
    }

    void pickersOfferPackageBaselineAndData() {
        Shown shown;
        QThreadPool pool;
        EvaluationRequest asked;
        QSignalSpy evaluated(&shown.page, &EvaluatePage::evaluated);
        shown.page.setEvaluator(
            [&](const EvaluationRequest& request, std::stop_token) -> Result<evaluate::Evaluation> {
                asked = request;
                return test::sampleEvaluation();
            },
            &pool);
        shown.page.setChoices({test::sampleModel(), {"v8", "v7", "v6"}, {"loans-2026-04.csv", "loans-2026-05.csv"}});
        shown.page.setValue(present::makeEvaluateScreen(shown.evaluation));
        // Opened by a key, chosen by arrows and Enter: the third candidate, no baseline, the second file.
        const auto choose = [&](const char* name, int steps, const char* expected) {
            auto* picker = shown.child<Picker>(name);
            picker->setFocus();
            QTest::keyClick(picker, Qt::Key_Space);
            auto* menu = picker->findChild<QMenu*>();
            QVERIFY(menu != nullptr);
            QTRY_VERIFY(menu->isVisible());
            for (int step = 0; step < steps; ++step)
                QTest::keyClick(menu, Qt::Key_Down);
            QTest::keyClick(menu, Qt::Key_Return);
            QCOMPARE(picker->current(), QString::fromLatin1(expected));
        };
        choose("candidatePicker", 3, "v6");
        choose("baselinePicker", 4, "none");
        choose("dataPicker", 2, "loans-2026-05.csv");
        QTest::mouseClick(shown.child<Button>("evaluateButton"), Qt::LeftButton);
        QTRY_COMPARE(evaluated.size(), 1);
        QVERIFY((asked == EvaluationRequest{test::sampleModel(), "v6", "", "loans-2026-05.csv"}));
    }

    void aRunCanBeStopped() {
        Shown shown;
        QThreadPool pool;
        std::atomic<bool> stopped = false;
        QSignalSpy evaluated(&shown.page, &EvaluatePage::evaluated);
        shown.page.setEvaluator(
            [&](const EvaluationRequest&, std::stop_token stop) -> Result<evaluate::Evaluation> {
                while (!stop.stop_requested())
                    std::this_thread::yield();
                stopped = true;
                return fail(ErrorCode::Cancelled, "Stopped.");
            },
            &pool);
        shown.page.setChoices({test::sampleModel(), {"v8", "v6"}, {"loans-2026-04.csv"}});
        auto* candidate = shown.child<Picker>("candidatePicker");
        candidate->setCurrent(QStringLiteral("v6"));
        Q_EMIT candidate->chosen(QStringLiteral("v6"));
        QTest::mouseClick(shown.child<Button>("evaluateButton"), Qt::LeftButton);
        auto* cancel = shown.child<Button>("cancelEvaluationButton");
        QVERIFY(cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY(stopped.load());
        QVERIFY(!cancel->isVisible());
        QCOMPARE(evaluated.size(), 0);
        pool.waitForDone();
    }
};

QTEST_MAIN(EvaluatePageTest)
#include "evaluate_page_test.moc"
