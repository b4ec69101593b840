#include "widgets/charts/plot_chart.h"

#include "widgets/charts/time_overlay.h"

#include <QEvent>
#include <QFocusEvent>
#include <QGraphicsLayout>
#include <QMouseEvent>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>

namespace perch::widgets {

namespace {

/// Below and above the lines of Qt Charts.
constexpr double kUnderLines = 2.5;
constexpr double kOverLines = 100;

} // namespace

PlotChart::PlotChart(QWidget* parent)
    : TabledChart(parent),
      m_chart(new QChart),
      m_view(new QChartView(m_chart, this)),
      m_x(new QValueAxis(m_chart)),
      m_y(new QValueAxis(m_chart)) {
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setBackgroundVisible(false);
    m_chart->setMargins(QMargins(0, 0, 0, 0));
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->legend()->hide();
    m_chart->addAxis(m_x, Qt::AlignBottom);
    m_chart->addAxis(m_y, Qt::AlignLeft);
    // The axes only map; the item under the lines paints gridlines and the axis line, so that all follow one layout.
    m_x->setVisible(false);
    m_y->setVisible(false);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setBackgroundBrush(Qt::NoBrush);
    m_view->viewport()->setAutoFillBackground(false);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->viewport()->setMouseTracking(true);
    m_view->viewport()->installEventFilter(this);
    m_view->setContextMenuPolicy(Qt::NoContextMenu);
    setPlot(m_view);
}

void PlotChart::setLayers(QGraphicsItem& under, QGraphicsItem& over) {
    under.setZValue(kUnderLines);
    over.setZValue(kOverLines);
}

QRectF PlotChart::whole() const {
    return m_view->viewport()->rect();
}

QWidget* PlotChart::viewport() const {
    return m_view->viewport();
}

void PlotChart::place(const QRectF& plot, double left, double right, double low, double high) {
    m_chart->setMargins(marginsOf(whole(), plot));
    m_chart->resize(whole().size());
    m_chart->layout()->activate();
    m_x->setRange(left, right);
    m_y->setRange(low, high);
}

void PlotChart::beginLines() {
    m_used = 0;
}

void PlotChart::addLine(const Segment& segment, const QPen& pen) {
    if (m_used == m_series.size()) {
        auto* series = new QLineSeries(m_chart);
        m_chart->addSeries(series);
        series->attachAxis(m_x);
        series->attachAxis(m_y);
        m_series.append(series);
    }
    QLineSeries* series = m_series[m_used++];
    series->setPen(pen);
    series->replace(segment);
    series->setVisible(true);
}

void PlotChart::endLines() {
    for (; m_used < m_series.size(); ++m_used) {
        m_series[m_used]->clear();
        m_series[m_used]->setVisible(false);
    }
}

void PlotChart::focusInEvent(QFocusEvent* event) {
    showFocus(event->reason() != Qt::MouseFocusReason);
    TabledChart::focusInEvent(event);
}

void PlotChart::focusOutEvent(QFocusEvent* event) {
    showFocus(false);
    TabledChart::focusOutEvent(event);
}

void PlotChart::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::FontChange)
        rebuild();
    TabledChart::changeEvent(event);
}

bool PlotChart::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_view->viewport())
        return TabledChart::eventFilter(watched, event);
    if (event->type() == QEvent::Resize)
        rebuild();
    else if (event->type() == QEvent::MouseMove)
        pointed(static_cast<QMouseEvent*>(event)->position().x());
    else if (event->type() == QEvent::Leave && !hasFocus())
        pointed(-1);
    return false;
}

} // namespace perch::widgets
