#include "tests/gui/screen_samples.h"
#include "widgets/plan/dim_layer.h"
#include "widgets/plan/hold_to_confirm.h"
#include "widgets/plan/plan_dialog.h"
#include "widgets/plan/plan_parts.h"
#include "widgets/plan/plan_rows.h"
#include "widgets/support/button.h"
#include "widgets/support/perch_style.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace perch;
using namespace perch::widgets;
using present::Confirmation;

namespace {

/// A dialog over a window, two seconds after its plan was made.
struct Opened {
    QWidget window;
    PlanDialog dialog;
    QSignalSpy confirmed;
    explicit Opened(Confirmation confirmation)
        : dialog(test::samplePlanScreen(confirmation), &window), confirmed(&dialog, &PlanDialog::confirmed) {
        window.resize(1'600, 1'000);
        window.show();
        dialog.setNow(fromMillis(test::kSampleNow) + std::chrono::seconds(2));
        dialog.open();
    }
    Button* button(const char* name) { return dialog.findChild<Button*>(QString::fromLatin1(name)); }
    ConfirmField* field() { return dialog.findChild<ConfirmField*>(QStringLiteral("confirmField")); }
};

} // namespace

class PlanDialogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyLook(); }

    void opensOverADimmedWindowWithTheSafeButtonInFocus() {
        Opened opened(Confirmation::TypedName);
        QVERIFY(opened.window.findChild<DimLayer*>()->isVisible());
        QCOMPARE(opened.dialog.focusWidget(), opened.button("keepButton"));
        QCOMPARE(opened.button("keepButton")->label().english(), std::string("Keep canary"));
        QCOMPARE(opened.button("confirmButton")->kind(), Button::Kind::Production);
        QSignalSpy rejected(&opened.dialog, &QDialog::rejected);
        QTest::mouseClick(opened.button("keepButton"), Qt::LeftButton);
        QCOMPARE(rejected.size(), 1);
        QCOMPARE(opened.confirmed.size(), 0);
    }

    void theDimLayerGoesWithTheDialog() {
        QWidget window;
        window.show();
        {
            PlanDialog dialog(test::samplePlanScreen(Confirmation::Click), &window);
            dialog.open();
            QVERIFY(window.findChild<DimLayer*>() != nullptr);
        }
        QVERIFY(window.findChild<DimLayer*>() == nullptr);
    }

    void escapeClosesWithoutWriting() {
        Opened opened(Confirmation::Click);
        QSignalSpy rejected(&opened.dialog, &QDialog::rejected);
        QTest::keyClick(&opened.dialog, Qt::Key_Escape);
        QCOMPARE(rejected.size(), 1);
        QCOMPARE(opened.confirmed.size(), 0);
    }

    void developmentNeedsOneClickAndTakesTheReason() {
        Opened opened(Confirmation::Click);
        opened.dialog.findChild<QLineEdit*>(QStringLiteral("reasonField"))->setText(QStringLiteral("CHG-4488"));
        QTest::mouseClick(opened.button("confirmButton"), Qt::LeftButton);
        QCOMPARE(opened.confirmed.size(), 1);
        QCOMPARE(opened.confirmed.at(0).at(0).toString(), QStringLiteral("CHG-4488"));
        QVERIFY(!opened.button("confirmButton")->isEnabled()); // one confirmation, one execution
    }

    void productionNeedsTheTypedName() {
        Opened opened(Confirmation::TypedName);
        QVERIFY(!opened.button("confirmButton")->isEnabled());
        QTest::keyClicks(opened.field(), QStringLiteral("credit-ris"));
        QVERIFY(!opened.button("confirmButton")->isEnabled());
        QTest::keyClicks(opened.field(), QStringLiteral("k"));
        QVERIFY(opened.field()->matches());
        QVERIFY(opened.button("confirmButton")->isEnabled());
        QTest::mouseClick(opened.button("confirmButton"), Qt::LeftButton);
        QCOMPARE(opened.confirmed.size(), 1);
    }

    void enterNeverConfirmsAProductionWrite() {
        Opened opened(Confirmation::TypedName);
        QTest::keyClicks(opened.field(), QStringLiteral("credit-risk"));
        for (QWidget* focus :
            {static_cast<QWidget*>(opened.field()), static_cast<QWidget*>(opened.button("confirmButton"))}) {
            focus->setFocus();
            QTest::keyClick(focus, Qt::Key_Return);
            QTest::keyClick(focus, Qt::Key_Enter);
            QTest::keyClick(focus, Qt::Key_Return, Qt::ControlModifier);
        }
        QCOMPARE(opened.confirmed.size(), 0);
    }

    void aClickDoesNotConfirmWhatMustBeHeld() {
        Opened opened(Confirmation::Hold);
        QTest::mouseClick(opened.button("confirmButton"), Qt::LeftButton);
        QTest::keyClick(opened.button("confirmButton"), Qt::Key_Space);
        QCOMPARE(opened.confirmed.size(), 0);
    }

    void holdingTheButtonForASecondConfirms() {
        Opened opened(Confirmation::Hold);
        QElapsedTimer since;
        since.start();
        QTest::mousePress(opened.button("confirmButton"), Qt::LeftButton);
        QTRY_COMPARE(opened.confirmed.size(), 1);
        QVERIFY(since.elapsed() >= HoldToConfirm::kHoldFor);
        QTest::mouseRelease(opened.button("confirmButton"), Qt::LeftButton);
        QCOMPARE(opened.confirmed.size(), 1);
    }

    void holdingControlEnterForASecondConfirms() {
        Opened opened(Confirmation::Hold);
        QTest::keyPress(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE(opened.confirmed.size(), 1);
        QTest::keyRelease(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
    }

    void lettingGoStartsOver() {
        Opened opened(Confirmation::Hold);
        Button* button = opened.button("confirmButton");
        HoldToConfirm* hold = button->findChild<HoldToConfirm*>();
        QTest::keyPress(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
        QTest::keyRelease(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(hold->active());
        QElapsedTimer since;
        since.start();
        QTest::keyPress(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE(opened.confirmed.size(), 1);
        QVERIFY(since.elapsed() >= HoldToConfirm::kHoldFor); // the first hold did not count
        QTest::keyRelease(&opened.dialog, Qt::Key_Return, Qt::ControlModifier);
    }

    void anOldPlanIsReadAgainOnceAndCannotBeConfirmed() {
        Opened opened(Confirmation::Click);
        QSignalSpy again(&opened.dialog, &PlanDialog::readAgain);
        const SystemTime old = fromMillis(test::kSampleNow) + std::chrono::seconds(60);
        opened.dialog.setNow(old);
        opened.dialog.setNow(old + std::chrono::seconds(1));
        QCOMPARE(again.size(), 1);
        QVERIFY(!opened.button("confirmButton")->isEnabled());
        auto fresh = test::samplePlanScreen(Confirmation::Click);
        fresh.madeAt = old;
        fresh.expiresAt = old + std::chrono::seconds(60);
        opened.dialog.setValue(fresh);
        QVERIFY(opened.button("confirmButton")->isEnabled());
        opened.dialog.setNow(old + std::chrono::seconds(60));
        QCOMPARE(again.size(), 2);
    }

    void aChangedPlanMustBeConfirmedAnew() {
        Opened opened(Confirmation::TypedName);
        QTest::keyClicks(opened.field(), QStringLiteral("credit-risk"));
        opened.dialog.setValue(test::samplePlanScreen(Confirmation::TypedName));
        QVERIFY(opened.button("confirmButton")->isEnabled()); // the same plan: what was typed stays
        auto changed = test::samplePlanScreen(Confirmation::TypedName);
        changed.rows[1].before = verbatim("v7 75, v8 25");
        opened.dialog.setValue(changed);
        QVERIFY(opened.field()->text().isEmpty());
        QVERIFY(!opened.button("confirmButton")->isEnabled());
    }

    void aBlockedPlanStaysOffAndSaysWhy() {
        auto screen = test::samplePlanScreen(Confirmation::Click);
        screen.blocked = true;
        screen.blockedReason = PERCH_TEXT("Test", "There is no room for 1 more replica of v7.");
        QWidget window;
        PlanDialog dialog(screen, &window);
        dialog.open();
        auto* confirm = dialog.findChild<Button*>(QStringLiteral("confirmButton"));
        QVERIFY(!confirm->isEnabled());
        QTest::mouseClick(confirm, Qt::LeftButton);
        QVERIFY(dialog.isVisible());
    }

    void progressAndResultAreShownInPlace() {
        Opened opened(Confirmation::Click);
        QTest::mouseClick(opened.button("confirmButton"), Qt::LeftButton);
        opened.dialog.setProgress(2, QStringLiteral("Moving traffic"));
        auto& rows = opened.dialog.findChild<PlanRowsView*>(QStringLiteral("planRows"))->rows();
        QCOMPARE(rows.progress(1), RowProgress::Done);
        QCOMPARE(rows.progress(2), RowProgress::Current);
        QCOMPARE(rows.progress(3), RowProgress::None);
        opened.dialog.setValue(test::samplePlanScreen(Confirmation::Click)); // too late to change what is executed
        QCOMPARE(rows.progress(1), RowProgress::Done);
        opened.dialog.setResult(present::State::Pass, QStringLiteral("v7 takes 100 %"));
        QCOMPARE(rows.progress(5), RowProgress::Done);
        QVERIFY(!opened.button("confirmButton")->isVisible());
        QCOMPARE(opened.button("keepButton")->label().english(), std::string("Close"));
    }

    void aFailureKeepsWhatWasDone() {
        Opened opened(Confirmation::Click);
        QTest::mouseClick(opened.button("confirmButton"), Qt::LeftButton);
        opened.dialog.setProgress(2, QStringLiteral("Moving traffic"));
        opened.dialog.setResult(present::State::Fail, QStringLiteral("HAProxy does not answer."));
        auto& rows = opened.dialog.findChild<PlanRowsView*>(QStringLiteral("planRows"))->rows();
        QCOMPARE(rows.progress(1), RowProgress::Done);
        QCOMPARE(rows.progress(2), RowProgress::None);
    }

    void rowsModelKeepsItsPromises() {
        PlanRowsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows(test::samplePlanScreen(Confirmation::Click).rows);
        QCOMPARE(model.rowCount(), 6);
        QVERIFY(model.index(0, 0)
                .data(Qt::AccessibleTextRole)
                .toString()
                .contains(QStringLiteral("from 9 to 10, written by Perch")));
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
    }

    void thePlanIsCopiedAndSaved() {
        Opened opened(Confirmation::Click);
        QTest::mouseClick(opened.button("copyPlanButton"), Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("Roll back credit-risk to v7")));
        QTemporaryDir folder;
        QString told;
        Dialogs dialogs;
        QString target = folder.filePath(QStringLiteral("plan.txt"));
        dialogs.saveFile = [&](QWidget*, const QString&, const QString&, const QString&) { return target; };
        dialogs.tell = [&](QWidget*, const QString& message) { told = message; };
        opened.dialog.setDialogs(dialogs);
        QTest::mouseClick(opened.button("savePlanButton"), Qt::LeftButton);
        QFile saved(target);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        QVERIFY(saved.readAll().startsWith("Roll back credit-risk to v7"));
        target = folder.filePath(QStringLiteral("missing/plan.txt"));
        QTest::mouseClick(opened.button("savePlanButton"), Qt::LeftButton);
        QVERIFY(told.contains(QStringLiteral("missing/plan.txt")));
    }
};

QTEST_MAIN(PlanDialogTest)
#include "plan_dialog_test.moc"
