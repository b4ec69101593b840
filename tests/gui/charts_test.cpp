#include "tests/gui/screen_samples.h"
#include "widgets/charts/bar_list.h"
#include "widgets/charts/chart_layout.h"
#include "widgets/charts/curve_overlay.h"
#include "widgets/charts/heat_strip.h"
#include "widgets/charts/reduction.h"
#include "widgets/charts/series_points.h"
#include "widgets/charts/time_chart.h"
#include "widgets/charts/time_overlay.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QTest>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>

#include <limits>

using namespace perch;
using namespace perch::widgets;

namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

QList<QPointF> wave(int count) {
    QList<QPointF> points;
    for (int index = 0; index < count; ++index)
        points.append({static_cast<double>(index), test::wobble(static_cast<std::size_t>(index), 1)});
    return points;
}

qsizetype countOf(const QList<Segment>& segments) {
    qsizetype count = 0;
    for (const Segment& segment : segments)
        count += segment.size();
    return count;
}

} // namespace

class ChartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reductionKeepsShortSeriesAsTheyAre() {
        const auto points = wave(100);
        const auto segments = reduceToColumns(points, 0, 99, 400);
        QCOMPARE(segments.size(), 1);
        QCOMPARE(segments.front(), points);
    }

    void reductionKeepsExtremesAndStaysUnderTwoThousandPoints() {
        auto points = wave(1'000'000);
        points[43'210].setY(7);
        points[77'777].setY(-9);
        for (const int columns : {3, 200, 498, 5'000}) {
            const auto segments = reduceToColumns(points, 0, 999'999, columns);
            QCOMPARE(segments.size(), 1);
            QVERIFY(segments.front().size() <= 2'000);
            QVERIFY(segments.front().contains(points[43'210]));
            QVERIFY(segments.front().contains(points[77'777]));
            QCOMPARE(segments.front().front(), points.front());
            QCOMPARE(segments.front().back(), points.back());
            QVERIFY(std::is_sorted(
                segments.front().begin(), segments.front().end(), [](auto a, auto b) { return a.x() < b.x(); }));
        }
    }

    void reductionNeverBridgesAGap() {
        auto points = wave(100'000);
        for (int index = 40'000; index < 60'000; ++index)
            points[index].setY(kGap);
        const auto segments = reduceToColumns(points, 0, 99'999, 300);
        QCOMPARE(segments.size(), 2);
        QCOMPARE(segments[0].back(), points[39'999]);
        QCOMPARE(segments[1].front(), points[60'000]);
        QVERIFY(reduceToColumns({{0, kGap}, {1, kGap}}, 0, 1, 10).isEmpty());
    }

    void reductionKeepsEveryGapWhereNothingIsThinned() {
        const auto segments = reduceToColumns({{0, 1}, {1, kGap}, {2, 2}, {3, kGap}, {4, 3}}, 0, 4, 100);
        QCOMPARE(segments.size(), 3);
        QCOMPARE(countOf(segments), 3);
    }

    void reductionDropsWhatIsOutsideButForTheNeighbors() {
        const auto segments = reduceToColumns(wave(1'000), 400.5, 410.5, 100);
        QCOMPARE(segments.size(), 1);
        QCOMPARE(segments.front().front().x(), 400.0);
        QCOMPARE(segments.front().back().x(), 411.0);
    }

    void labelsAreSpreadInOrder() {
        const auto placed = spreadLabels({50, 52, 10, 51}, 16, 0, 200);
        QCOMPARE(placed[2], 10.0);
        QVERIFY(placed[0] < placed[3] && placed[3] < placed[1]);
        QVERIFY(placed[3] - placed[0] >= 16 && placed[1] - placed[3] >= 16);
        const auto atEdge = spreadLabels({198, 199}, 16, 0, 200);
        QVERIFY(atEdge[1] <= 192 && atEdge[1] - atEdge[0] >= 16);
    }

    void timeTicksAreRoundAndFew() {
        const SystemTime end = fromMillis(test::kSampleNow);
        const auto days = timeTicks(end - std::chrono::hours(168), end, 8);
        QCOMPARE(days.size(), 7);
        QCOMPARE(days.front().label, QStringLiteral("6 May"));
        const auto hours = timeTicks(end - std::chrono::hours(24), end, 4);
        QCOMPARE(hours.size(), 4);
        QCOMPARE(hours.front().label, QStringLiteral("18:00"));
        const auto seconds = timeTicks(end - std::chrono::seconds(60), end, 6);
        QVERIFY(!seconds.isEmpty() && seconds.size() <= 6);
        QCOMPARE(seconds.front().label, QStringLiteral("14:31:10"));
        QVERIFY(timeTicks(end, end, 5).isEmpty());
    }

    void csvIsQuotedAndHarmless() {
        const ChartTable table{{QStringLiteral("name"), QStringLiteral("value")},
            {{QStringLiteral("=HYPERLINK(\"x\")"), QStringLiteral("\u22125.7\u00a0pt")},
                {QStringLiteral("a, b"), QStringLiteral("+0.035")}, {QStringLiteral("@cmd"), QString()}}};
        QCOMPARE(
            toCsv(table), QStringLiteral("name,value\n\"'=HYPERLINK(\"\"x\"\")\",-5.7 pt\n\"a, b\",+0.035\n'@cmd,\n"));
    }

    void tableModelKeepsItsPromises() {
        ChartTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTable({{QStringLiteral("a"), QStringLiteral("b")}, {{QStringLiteral("1"), QStringLiteral("2")}}});
        QCOMPARE(model.rowCount(), 1);
        model.setTable({});
        QCOMPARE(model.rowCount(), 0);
    }

    void timeChartDrawsWhereItsOverlayDraws() {
        TimeChart chart;
        chart.resize(640, 300);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        const auto data = test::sampleAccuracyChart();
        chart.setChart(data);
        auto* view = chart.findChild<QChartView*>();
        const TimeLayout layout = layOut(data, view->viewport()->rect());
        QCOMPARE(view->chart()->plotArea(), layout.plot);
        auto* series = qobject_cast<QLineSeries*>(view->chart()->series().constFirst());
        const QPointF last = series->points().constLast();
        const QPointF painted = view->chart()->mapToPosition(last, series);
        QVERIFY(std::abs(painted.x() - layout.x(data.end)) < 1.0);
        QVERIFY(std::abs(painted.y() - layout.y(last.y())) < 1.0);
        chart.resize(500, 240);
        QTRY_COMPARE(view->chart()->plotArea(), layOut(data, view->viewport()->rect()).plot);
    }

    void timeChartBreaksTheLineAtAGap() {
        auto data = test::sampleAccuracyChart();
        data.lines.resize(1);
        for (std::size_t index = 50; index < 60; ++index)
            data.lines[0].points.values[index].reset();
        TimeChart chart;
        chart.resize(640, 300);
        chart.show();
        chart.setChart(data);
        int visible = 0;
        for (auto* series : chart.findChild<QChartView*>()->chart()->series())
            visible += series->isVisible() ? 1 : 0;
        QCOMPARE(visible, 2);
        QCOMPARE(chart.table().rows.at(55).at(1), QString());
    }

    void timeChartIsATableByCtrlTAndCopiesAsCsv() {
        TimeChart chart;
        chart.resize(640, 300);
        chart.show();
        chart.setChart(test::sampleAccuracyChart());
        QTest::keyClick(&chart, Qt::Key_T, Qt::ControlModifier);
        QVERIFY(chart.tableShown());
        QTest::keyClick(&chart, Qt::Key_T, Qt::ControlModifier);
        QVERIFY(!chart.tableShown());
        QTest::keyClick(&chart, Qt::Key_C, Qt::ControlModifier);
        const QString csv = QApplication::clipboard()->text();
        QVERIFY(csv.startsWith(QStringLiteral("Time (UTC),v7,v8\n2026-05-05T")));
        QCOMPARE(csv.count(QLatin1Char('\n')), 169);
        QVERIFY(chart.accessibleDescription().contains(QStringLiteral("v8 is above it")));
    }

    void timeChartCursorWalksBySamples() {
        TimeChart chart;
        chart.resize(640, 300);
        chart.show();
        const auto data = test::sampleAccuracyChart();
        chart.setChart(data);
        QTest::keyClick(&chart, Qt::Key_Left);
        QCOMPARE(chart.cursor(), std::optional(timeOf(data.lines[0].points, 167)));
        QTest::keyClick(&chart, Qt::Key_Left);
        QCOMPARE(chart.cursor(), std::optional(timeOf(data.lines[0].points, 166)));
        QTest::keyClick(&chart, Qt::Key_Escape);
        QVERIFY(!chart.cursor());
    }

    void legendGoesWhereTheCurveIsNot() {
        const QRectF plot(0, 0, 200, 200);
        QList<QPointF> roc;
        for (int index = 0; index <= 100; ++index)
            roc.append({2.0 * index, 200 - 200 * std::sqrt(index / 100.0)});
        QVERIFY(freeCorner(plot, {90, 60}, roc).center().x() > 100);
        QVERIFY(freeCorner(plot, {90, 60}, roc).center().y() > 100);
        QList<QPointF> recall;
        for (int index = 0; index <= 100; ++index)
            recall.append({2.0 * index, 2.0 * index});
        const QPointF corner = freeCorner(plot, {90, 60}, recall + roc).center();
        QVERIFY(!(corner.x() > 100 && corner.y() > 150));
    }

    void stripAndBarsSayTheirNumbers() {
        HeatStripChart strip;
        strip.setStrip(test::sampleDrift());
        QCOMPARE(strip.table().rows.size(), 7);
        QCOMPARE(strip.table().rows.at(0).at(1), QStringLiteral("0.41"));
        QVERIFY(strip.accessibleDescription().startsWith(QStringLiteral("unemployment_rate 0.41")));
        BarListChart bars;
        bars.setRows({{"tenure", 1.0, 0.5, verbatim("0.84")}}, {});
        QCOMPARE(bars.table().rows.at(0).at(1), QStringLiteral("0.84"));
    }
};

QTEST_MAIN(ChartsTest)
#include "charts_test.moc"
