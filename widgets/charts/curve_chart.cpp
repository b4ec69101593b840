#include "widgets/charts/curve_chart.h"

#include "core/base/number_format.h"
#include "widgets/charts/curve_overlay.h"
#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/charts/time_overlay.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QEvent>
#include <QFocusEvent>
#include <QGraphicsLayout>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>

#include <algorithm>

namespace perch::widgets {

namespace {

/// A moved threshold leaves the curves as they are: then nothing is laid out again.
bool sameCurves(const present::CurveCard& a, const present::CurveCard& b) {
    const auto samePoint = [](const auto& p, const auto& q) { return p.x == q.x && p.y == q.y; };
    const auto sameLine = [&](const auto& p, const auto& q) {
        return p.tone == q.tone &&
               std::equal(p.points.begin(), p.points.end(), q.points.begin(), q.points.end(), samePoint);
    };
    return !a.lines.empty() && a.emptyText == b.emptyText &&
           std::equal(a.lines.begin(), a.lines.end(), b.lines.begin(), b.lines.end(), sameLine);
}

} // namespace

CurveChart::CurveChart(QWidget* parent)
    : TabledChart(parent),
      m_chart(new QChart),
      m_view(new QChartView(m_chart, this)),
      m_x(new QValueAxis(m_chart)),
      m_y(new QValueAxis(m_chart)),
      m_under(std::make_unique<CurveOverlay>(CurveOverlay::Layer::Under, m_chart)),
      m_over(std::make_unique<CurveOverlay>(CurveOverlay::Layer::Over, m_chart)) {
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setBackgroundVisible(false);
    m_chart->setMargins(QMargins(0, 0, 0, 0));
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->legend()->hide();
    m_chart->addAxis(m_x, Qt::AlignBottom);
    m_chart->addAxis(m_y, Qt::AlignLeft);
    for (QValueAxis* axis : {m_x, m_y}) {
        axis->setVisible(false); // they only map
        axis->setRange(0, 1);
    }
    m_under->setZValue(2.5);
    m_over->setZValue(100);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setBackgroundBrush(Qt::NoBrush);
    m_view->viewport()->setAutoFillBackground(false);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setContextMenuPolicy(Qt::NoContextMenu);
    m_view->viewport()->installEventFilter(this);
    setPlot(m_view);
}

// The items leave the scene before the view deletes them.
CurveChart::~CurveChart() {
    m_under.reset();
    m_over.reset();
}

QSize CurveChart::sizeHint() const {
    return {px(290), px(290)};
}

QSize CurveChart::minimumSizeHint() const {
    return {px(220), px(220)};
}

void CurveChart::setCard(const present::CurveCard& card) {
    const bool onlyMarksMoved = sameCurves(m_data, card);
    m_data = card;
    setAccessibleName(toQString(card.title));
    if (onlyMarksMoved)
        m_over->update();
    else
        rebuild();
    QStringList summary;
    for (const auto& line : card.lines)
        summary.append(toQString(line.label));
    dataChanged(summary.isEmpty() ? toQString(card.emptyText) : summary.join(QStringLiteral(", ")));
}

void CurveChart::rebuild() {
    const QRectF whole = m_view->viewport()->rect();
    if (whole.width() < 80 || whole.height() < 80)
        return;
    const CurveLayout layout = layOutCurves(whole);
    m_chart->setMargins(marginsOf(layout.whole, layout.plot));
    m_chart->resize(whole.size());
    m_chart->layout()->activate();
    drawCurves(layout.plot);
    m_under->set(&m_data, layout);
    m_over->set(&m_data, layout);
}

void CurveChart::drawCurves(const QRectF& plot) {
    qsizetype used = 0;
    for (const auto& line : m_data.lines) {
        QList<QPointF> points;
        for (const auto& point : line.points)
            points.append({point.x, point.y});
        for (const Segment& segment : reduceToColumns(points, 0, 1, static_cast<int>(plot.width()))) {
            if (used == m_series.size()) {
                auto* series = new QLineSeries(m_chart);
                m_chart->addSeries(series);
                series->attachAxis(m_x);
                series->attachAxis(m_y);
                m_series.append(series);
            }
            m_series[used]->setPen(linePen(theme().text(line.tone), present::ChartLine::Dash::Solid));
            m_series[used]->replace(segment);
            m_series[used++]->setVisible(true);
        }
    }
    for (; used < m_series.size(); ++used) {
        m_series[used]->clear();
        m_series[used]->setVisible(false);
    }
}

ChartTable CurveChart::table() const {
    ChartTable table;
    table.headers = {tr("Line"), tr("x"), tr("y")};
    for (const auto& line : m_data.lines)
        for (const auto& point : line.points)
            table.rows.append({toQString(line.label), QString::fromStdString(formatDecimal(point.x, 4)),
                QString::fromStdString(formatDecimal(point.y, 4))});
    return table;
}

void CurveChart::focusInEvent(QFocusEvent* event) {
    m_over->setFocused(event->reason() != Qt::MouseFocusReason);
    TabledChart::focusInEvent(event);
}

void CurveChart::focusOutEvent(QFocusEvent* event) {
    m_over->setFocused(false);
    TabledChart::focusOutEvent(event);
}

void CurveChart::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::FontChange)
        rebuild();
    TabledChart::changeEvent(event);
}

bool CurveChart::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view->viewport()) {
        if (event->type() == QEvent::Resize)
            rebuild();
        return false;
    }
    return TabledChart::eventFilter(watched, event);
}

} // namespace perch::widgets
