#include "core/base/file.h"
#include "core/base/json.h"
#include "core/fleet/snapshot_json.h"
#include "widgets/charts/heat_strip.h"
#include "widgets/drift/drift_page.h"
#include "widgets/drift/histogram_chart.h"
#include "widgets/drift/ranked_delegate.h"
#include "widgets/evaluate/picker.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/button.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/text.h"

#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QThreadPool>
#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

using namespace perch;
using namespace perch::widgets;

namespace {

nlohmann::json fixture(const char* name) {
    const std::string file = std::string(PERCH_SOURCE_DIR) + "/tests/fixtures/" + name;
    const auto text = readFile(file);
    auto document = text ? parseJson(*text, file) : Result<nlohmann::json>(text.error());
    if (!document)
        qFatal("%s", document.error().message.c_str());
    return *document;
}

std::shared_ptr<const drift::DriftRecord> recordedDrift() {
    auto record = drift::driftRecordFromJson(fixture("fleet_drift.json"), "fleet_drift.json");
    if (!record)
        qFatal("%s", record.error().message.c_str());
    return std::make_shared<const drift::DriftRecord>(*std::move(record));
}

fleet::SnapshotPtr recordedFleet() {
    auto snapshot = fleet::snapshotFromJson(fixture("fleet.json"));
    if (!snapshot)
        qFatal("%s", snapshot.error().message.c_str());
    return *snapshot;
}

} // namespace

/// The Drift page in the real window, on the recorded fleet.
class DriftPageTest : public QObject {
    Q_OBJECT

    fleet::SnapshotPtr m_snapshot = recordedFleet();
    std::shared_ptr<const drift::DriftRecord> m_record = recordedDrift();
    ManualClock m_clock{m_snapshot->takenAt};
    std::unique_ptr<MainWindow> m_window;
    QString m_chosenFile;
    QThreadPool m_pool;

    ModelName creditRisk() const { return m_record->model; }
    DriftPage& page() { return m_window->driftPage(); }
    template <typename T>
    T& child(const char* name) {
        T* found = page().findChild<T*>(QString::fromLatin1(name));
        if (found == nullptr)
            qFatal("there is no %s", name);
        return *found;
    }
    QTableView& table() { return child<QTableView>("driftTable"); }
    QString cell(int row, int column) { return table().model()->index(row, column).data().toString(); }
    void show(bool measured) {
        Facts facts{m_snapshot, {"~/perch", "ana@desk", false, ""}, nullptr, {}, {}};
        if (measured)
            facts.drifts[creditRisk()] = m_record;
        m_window->setFacts(facts);
        m_window->showPage(present::Page::Drift);
        m_window->openModel(creditRisk());
        QCoreApplication::processEvents();
    }

private Q_SLOTS:
    void initTestCase() { applyLook(); }
    void init() {
        Dialogs dialogs;
        dialogs.openFile = [this](QWidget*, const QString&, const QString&) { return m_chosenFile; };
        m_window = std::make_unique<MainWindow>(m_clock, rollout::Actor{"ana@desk", "perch-console"}, dialogs);
        m_window->resize(1600, 1000);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void cleanup() {
        m_window.reset();
        m_pool.waitForDone();
    }

    void showsWhatDriftsInWordsAndNumbers() {
        show(true);
        QVERIFY(m_window->page() == present::Page::Drift);
        QCOMPARE(table().model()->rowCount(), 14);
        QCOMPARE(cell(0, RankedColumn::Feature), QStringLiteral("unemployment_rate"));
        QCOMPARE(cell(0, RankedColumn::Score), QStringLiteral("0.41"));
        QCOMPARE(cell(0, RankedColumn::Verdict), QStringLiteral("Over limit"));
        QVERIFY(cell(12, RankedColumn::Feature).contains(QStringLiteral("prediction")));
        QVERIFY(cell(13, RankedColumn::Feature).contains(QStringLiteral("label")));
        const QString figures = child<QWidget>("driftFigures").accessibleName();
        QVERIFY2(figures.contains(QStringLiteral("Measured score 0.21 / 0.15")), qPrintable(figures));
        QVERIFY(figures.contains(QStringLiteral("Live against v7 0.21 / 0.15")));
        QCOMPARE(child<QWidget>("conceptVerdict").accessibleName(), QStringLiteral("Changed"));
        QCOMPARE(child<QTableView>("estimateTable").model()->rowCount(), 5);
    }

    void missingAndUnseenValuesAreNamed() {
        show(true);
        QStringList verdicts;
        for (int row = 0; row < table().model()->rowCount(); ++row)
            verdicts.append(cell(row, RankedColumn::Verdict));
        QVERIFY(verdicts.contains(QStringLiteral("Small but real, 0.6\u00a0% unseen: solar panels")));
        QVERIFY(verdicts.contains(QStringLiteral("Small but real, missing +2.1\u00a0pt")));
    }

    void theChosenRowShowsItsDistribution() {
        show(true);
        auto& histogram = child<HistogramChart>("driftHistogram");
        QCOMPARE(histogram.accessibleName(), QStringLiteral("Distribution of unemployment_rate"));
        QCOMPARE(histogram.table().rows.size(), 10);
        table().setFocus();
        QTest::keyClick(&table(), Qt::Key_Down);
        QCOMPARE(histogram.accessibleName(), QStringLiteral("Distribution of debt_to_income"));
        // The row that is chosen stays while facts arrive.
        show(true);
        QCOMPARE(table().currentIndex().row(), 1);
        // And the strip chooses too.
        auto& strip = child<HeatStripChart>("driftStrip");
        strip.setFocus();
        QTest::keyClick(&strip, Qt::Key_Down);
        QTest::keyClick(&strip, Qt::Key_Down);
        QTest::keyClick(&strip, Qt::Key_Down);
        QCOMPARE(histogram.accessibleName(), QStringLiteral("Distribution of annual_income"));
        QCOMPARE(cell(table().currentIndex().row(), RankedColumn::Feature), QStringLiteral("annual_income"));
    }

    void effectsAreOnTheEstimatedAccuracy() {
        show(true);
        QCOMPARE(table().model()->headerData(RankedColumn::Effect, Qt::Horizontal).toString(),
                 QStringLiteral("Accuracy, est."));
        QCOMPARE(cell(0, RankedColumn::Effect), QStringLiteral("−1.9\u00a0pt"));
        QCOMPARE(cell(8, RankedColumn::Effect), QStringLiteral("none"));
    }

    void theStripReachesBackAsFarAsAsked() {
        show(true);
        auto& strip = child<HeatStripChart>("driftStrip");
        QCOMPARE(strip.table().headers.size(), 2 + 14);
        QVERIFY(strip.accessibleDescription().endsWith(QStringLiteral("drift alert, 12 May 01:52")));
        auto& range = child<Segments>("driftRange");
        range.setFocus();
        QTest::keyClick(&range, Qt::Key_Right);
        QCOMPARE(strip.table().headers.size(), 2 + 28);
        QTest::keyClick(&range, Qt::Key_Right);
        QCOMPARE(strip.table().headers.size(), 2 + 30);
    }

    void lettersOrder() {
        show(true);
        table().setFocus();
        QCOMPARE(cell(3, RankedColumn::Feature), QStringLiteral("credit_utilization"));
        QTest::keyClick(&table(), Qt::Key_S);
        QCOMPARE(cell(3, RankedColumn::Feature), QStringLiteral("loan_amount"));
        QTest::keyClick(&table(), Qt::Key_N);
        QCOMPARE(cell(0, RankedColumn::Feature), QStringLiteral("annual_income"));
        QCOMPARE(cell(table().currentIndex().row(), RankedColumn::Feature), QStringLiteral("unemployment_rate"));
        QTest::keyClick(&table(), Qt::Key_E);
        QCOMPARE(cell(0, RankedColumn::Feature), QStringLiteral("unemployment_rate"));
        auto& order = child<Segments>("driftOrder");
        QTest::mouseClick(&order, Qt::LeftButton, {}, QPoint(8, order.height() / 2));
        QCOMPARE(cell(0, RankedColumn::Feature), QStringLiteral("annual_income"));
    }

    void chartsAreTablesToo() {
        show(true);
        auto& histogram = child<HistogramChart>("driftHistogram");
        histogram.setFocus();
        QTest::keyClick(&histogram, Qt::Key_T, Qt::ControlModifier);
        QVERIFY(histogram.tableShown());
        QVERIFY(histogram.accessibleDescription().contains(QStringLiteral("up to 3.9 from 10.0")));
    }

    void withoutAComparisonItSaysWhatToDo() {
        show(false);
        QVERIFY(!table().isVisible());
        QVERIFY(child<HeatStripChart>("driftStrip").isVisible());
        QCOMPARE(child<QWidget>("driftVerdict").accessibleName(), QStringLiteral("Over limit"));
        const auto labels = page().findChildren<RunLabel*>();
        QVERIFY(std::ranges::any_of(labels, [](const RunLabel* label) {
            return label->isVisible() &&
                   toQString(label->text()).startsWith(QStringLiteral("No tables have been compared"));
        }));
        QVERIFY(!child<Button>("measureDriftButton").isVisible());
    }

    void tablesAreComparedInTheBackground() {
        const auto guiThread = QThread::currentThread();
        std::atomic<bool> offThread = false;
        DriftRequest asked;
        page().setMeasurer(
            [&](const DriftRequest& request, const DriftProgress& progress,
                std::stop_token) -> Result<drift::DriftRecord> {
                offThread = QThread::currentThread() != guiThread;
                asked = request;
                progress(0.5);
                return *m_record;
            },
            &m_pool);
        show(false);
        QSignalSpy measured(&page(), &DriftPage::measured);
        m_chosenFile = QStringLiteral("/data/loans-2026-05.csv");
        auto& current = child<Picker>("currentPicker");
        current.setCurrent(QStringLiteral("Choose a file…"));
        Q_EMIT current.chosen(QStringLiteral("Choose a file…"));
        QCOMPARE(current.current(), m_chosenFile);
        auto& reference = child<Picker>("referencePicker");
        QCOMPARE(reference.current(), QStringLiteral("loans-2026-01.csv")); // the oldest training data
        auto& preset = child<Segments>("driftPreset");
        preset.setFocus();
        QTest::keyClick(&preset, Qt::Key_Right);
        QTest::mouseClick(&child<Button>("measureDriftButton"), Qt::LeftButton);
        QTRY_COMPARE(measured.size(), 1);
        QVERIFY(offThread);
        QVERIFY((asked == DriftRequest{creditRisk(), "v8", "loans-2026-01.csv", "/data/loans-2026-05.csv",
                                       drift::DriftPreset::Evidently}));
        QVERIFY(table().isVisible());
    }

    void aComparisonCanBeStopped() {
        std::atomic<bool> stopped = false;
        page().setMeasurer(
            [&](const DriftRequest&, const DriftProgress&, std::stop_token stop) -> Result<drift::DriftRecord> {
                while (!stop.stop_requested())
                    std::this_thread::yield();
                stopped = true;
                return fail(ErrorCode::Cancelled, "Stopped.");
            },
            &m_pool);
        show(true);
        QSignalSpy measured(&page(), &DriftPage::measured);
        QTest::mouseClick(&child<Button>("measureDriftButton"), Qt::LeftButton);
        auto& cancel = child<Button>("cancelDriftButton");
        QVERIFY(cancel.isVisible());
        QTest::mouseClick(&cancel, Qt::LeftButton);
        QTRY_VERIFY(stopped.load());
        QVERIFY(!cancel.isVisible());
        QCOMPARE(toQString(child<RunLabel>("driftMessage").text()), QStringLiteral("Comparison cancelled."));
        QCOMPARE(measured.size(), 0);
        QCOMPARE(table().model()->rowCount(), 14);
    }

    void trainingTakesTheComparedTable() {
        show(true);
        QSignalSpy asked(&page(), &DriftPage::trainRequested);
        QTest::mouseClick(&child<Button>("trainOnRecentButton"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.at(0).at(0).toString(), QStringLiteral("loans-2026-05.csv"));
        QVERIFY(m_window->page() == present::Page::Train);
    }
};

QTEST_MAIN(DriftPageTest)
#include "drift_page_test.moc"
