#include "tests/gui/screen_samples.h"
#include "widgets/charts/tabled_chart.h"
#include "widgets/model/gates_model.h"
#include "widgets/model/loading_bars.h"
#include "widgets/model/model_page.h"
#include "widgets/model/timeline_card.h"
#include "widgets/model/weight_field.h"
#include "widgets/support/button.h"
#include "widgets/support/fonts.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QListView>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace perch;
using namespace perch::widgets;
using present::ModelButton;

Q_DECLARE_METATYPE(perch::rollout::Intent)

namespace {

/// A window of a size with the page filling it.
struct Shown {
    QWidget window;
    ModelPage page;
    explicit Shown(int width = 1'600, int height = 1'000) : page(&window) {
        window.resize(width, height);
        page.resize(width - 206, height);
        page.setValue(test::sampleModelScreen());
        window.show();
        [[maybe_unused]] const bool exposed = QTest::qWaitForWindowExposed(&window);
    }
    Button* button(const char* name) { return page.findChild<Button*>(QString::fromLatin1(name)); }
};

} // namespace

class ModelPageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyLook(); }

    void showsLoadingBarsBeforeTheFirstValue() {
        ModelPage page;
        page.resize(1'200, 800);
        page.show();
        auto* bars = page.findChild<LoadingBars*>();
        QVERIFY(bars->isVisible());
        QCOMPARE(bars->stage(), 0);
        QTRY_COMPARE(bars->stage(), 1);
        page.setValue(test::sampleModelScreen());
        QVERIFY(!bars->isVisible());
    }

    void actionsKeepTheirOrderAndSayTheirReason() {
        Shown shown;
        const std::array names{
            "promoteButton", "setWeightButton", "pauseButton", "shadowButton", "abortButton", "rollBackButton"};
        int left = -1;
        for (const char* name : names) {
            Button* button = shown.button(name);
            QVERIFY2(button != nullptr && button->isVisible(), name);
            QVERIFY(button->mapTo(&shown.page, QPoint()).x() > left);
            left = button->mapTo(&shown.page, QPoint()).x();
            QCOMPARE(button->height(), 48);
        }
        QVERIFY(!shown.button("shadowButton")->isEnabled());
        QCOMPARE(shown.button("shadowButton")->accessibleDescription(), QStringLiteral("v8 already serves live"));
        QCOMPARE(shown.button("promoteButton")->kind(), Button::Kind::Primary);
    }

    void aClickRaisesTheIntentOfTheValue() {
        Shown shown;
        QSignalSpy raised(&shown.page, &ModelPage::intentRaised);
        QTest::mouseClick(shown.button("rollBackButton"), Qt::LeftButton);
        QCOMPARE(raised.size(), 1);
        const auto intent = raised.at(0).at(0).value<rollout::Intent>();
        QVERIFY(intent.action == rollout::Action::RollBack);
        QCOMPARE(intent.model, test::sampleModel());
        QTest::mouseClick(shown.button("shadowButton"), Qt::LeftButton);
        QCOMPARE(raised.size(), 1);
    }

    void weightIsChosenBeforeItIsPlanned() {
        Shown shown;
        QSignalSpy raised(&shown.page, &ModelPage::intentRaised);
        auto* field = shown.page.findChild<WeightSpin*>(QStringLiteral("weightField"));
        Button* apply = shown.button("applyWeightButton");
        QCOMPARE(field->text(), QStringLiteral("10\u00a0%"));
        QVERIFY(!apply->isEnabled());
        QTest::mouseClick(shown.button("setWeightButton"), Qt::LeftButton);
        QCOMPARE(raised.size(), 0); // nothing to plan yet
        QTest::mouseClick(field, Qt::LeftButton, {}, QPoint(field->width() - 8, field->height() / 2));
        QCOMPARE(field->text(), QStringLiteral("15\u00a0%"));
        QVERIFY(apply->isEnabled());
        shown.page.setValue(test::sampleModelScreen()); // a new snapshot keeps what was typed
        QCOMPARE(field->text(), QStringLiteral("15\u00a0%"));
        QTest::mouseClick(apply, Qt::LeftButton);
        QCOMPARE(raised.size(), 1);
        const auto intent = raised.at(0).at(0).value<rollout::Intent>();
        QVERIFY(intent.action == rollout::Action::SetWeight);
        QCOMPARE(intent.weight, std::optional(Percent::fromBasisPoints(1'500)));
        QTest::mouseClick(shown.button("setWeightButton"), Qt::LeftButton);
        QCOMPARE(raised.size(), 2);
    }

    void weightFieldTakesTypedPercentsOnly() {
        Shown shown;
        auto* field = shown.page.findChild<WeightSpin*>(QStringLiteral("weightField"));
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("12.5"));
        QCOMPARE(field->value(), 12.5);
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("abc"));
        QCOMPARE(field->value(), 12.5);
    }

    void weightFieldWithoutACanaryShowsZeroAndIsOff() {
        Shown shown;
        auto screen = test::sampleModelScreen();
        screen.weight = {Percent(), Percent::fromBasisPoints(100), Percent::fromBasisPoints(9'900), false,
            PERCH_TEXT("Test", "no canary")};
        shown.page.setValue(screen);
        auto* field = shown.page.findChild<WeightSpin*>(QStringLiteral("weightField"));
        QVERIFY(!field->isEnabled());
        QCOMPARE(field->text(), QStringLiteral("0\u00a0%"));
    }

    void whileWritingTheOthersAreOff() {
        Shown shown;
        const int width = shown.button("promoteButton")->width();
        shown.page.setBusy(ModelButton::Promote, QStringLiteral("Moving traffic, 12 s of about 41 s"));
        QVERIFY(!shown.button("rollBackButton")->isEnabled());
        QVERIFY(!shown.page.findChild<WeightSpin*>(QStringLiteral("weightField"))->isEnabled());
        QCOMPARE(shown.button("promoteButton")->sizeHint().width(), width);
        shown.page.setBusy(std::nullopt, {});
        QVERIFY(shown.button("rollBackButton")->isEnabled());
    }

    void gatesModelKeepsItsPromises() {
        GatesModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto table = test::sampleGates();
        model.setTable(table);
        QCOMPARE(model.rowCount(), 9); // eight gates and the heading between required and advisory ones
        QCOMPARE(model.headingRow(), 5);
        QVERIFY(model.rowAt(5) == nullptr);
        QCOMPARE(toQString(model.rowAt(6)->name), QStringLiteral("Drift vs v7 training"));
        table.rows[0].word = PERCH_TEXT("Test", "Fail");
        QSignalSpy changed(&model, &GatesModel::dataChanged);
        model.setTable(table);
        QCOMPARE(changed.size(), 1); // the same rows: no reset, selection and scroll stay
        for (auto& row : table.rows)
            row.required = false;
        model.setTable(table);
        QCOMPARE(model.headingRow(), -1);
        model.setTable({});
        QCOMPARE(model.rowCount(), 0);
    }

    void gatesSayTheirVerdictInWords() {
        Shown shown;
        auto* view = shown.page.findChild<QTableView*>(QStringLiteral("gatesTable"));
        const QString sentence = view->model()->index(7, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(sentence.contains(QStringLiteral("Default rate, 30 d none, No data")), qPrintable(sentence));
    }

    void timelineModelKeepsItsPromises() {
        TimelineModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setItems(test::sampleTimeline().items);
        QCOMPARE(model.rowCount(), 7);
        QSignalSpy reset(&model, &TimelineModel::modelReset);
        model.setItems(test::sampleTimeline().items);
        QCOMPARE(reset.size(), 0);
    }

    void timelineIsATabInASmallWindow() {
        Shown shown(1'280, 820);
        auto* timeline = shown.page.findChild<QListView*>(QStringLiteral("timeline"));
        auto* tabs = shown.page.findChild<Segments*>(QStringLiteral("modelTabs"));
        QVERIFY(tabs->isVisible() && !timeline->isVisible());
        QTest::keyClick(tabs, Qt::Key_Right);
        QVERIFY(timeline->isVisible());
        QVERIFY(!shown.page.findChild<QWidget*>(QStringLiteral("gatesTable"))->isVisible());
        shown.window.resize(1'600, 1'000);
        shown.page.resize(1'394, 1'000);
        QVERIFY(!tabs->isVisible() && timeline->isVisible());
        QVERIFY(shown.page.findChild<QWidget*>(QStringLiteral("gatesTable"))->isVisible());
    }

    void aModelThatIsGoneSaysSo() {
        Shown shown;
        present::ModelScreen screen;
        screen.empty.shown = true;
        screen.empty.text = PERCH_TEXT("Test", "This model has no version in traffic.");
        screen.empty.button = PERCH_TEXT("Test", "Copy command");
        screen.empty.copy = "perch local up";
        shown.page.setValue(screen);
        QVERIFY(!shown.button("promoteButton")->isVisible());
        auto buttons = shown.page.findChildren<Button*>();
        const auto copy =
            std::find_if(buttons.begin(), buttons.end(), [](Button* button) { return button->isVisible(); });
        QVERIFY(copy != buttons.end());
        QTest::mouseClick(*copy, Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("perch local up"));
    }

    void ctrlTShowsEveryChartAsTable() {
        Shown shown;
        QTest::keyClick(&shown.page, Qt::Key_T, Qt::ControlModifier);
        const auto charts = shown.page.findChildren<TabledChart*>();
        QCOMPARE(charts.size(), 3);
        for (const TabledChart* chart : charts)
            QVERIFY(chart->tableShown());
    }

    void nothingIsCutAtAnyScaleOrTheme() {
        for (const double scale : {0.9, 1.0, 1.3}) {
            setUserScale(scale);
            for (const Theme* chosen : {&kLightTheme, &kDarkTheme}) {
                setTheme(*chosen);
                applyLook();
                Shown shown(1'280, 820);
                for (const char* name : {"promoteButton", "rollBackButton"})
                    QVERIFY(shown.button(name)->width() >= shown.button(name)->sizeHint().width());
                QVERIFY(!shown.page.grab().isNull());
            }
        }
        setUserScale(1.0);
        setTheme(kLightTheme);
        applyLook();
    }
};

QTEST_MAIN(ModelPageTest)
#include "model_page_test.moc"
