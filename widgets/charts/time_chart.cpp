#include "widgets/charts/time_chart.h"

#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/charts/series_points.h"
#include "widgets/charts/time_overlay.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QDateTime>
#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>

namespace perch::widgets {

namespace {

/// Below the lines of Qt Charts.
constexpr double kUnderLines = 2.5;
constexpr double kOverLines = 100;

/// The line whose samples the cursor walks along: the one with most of them.
const fleet::Series* longestSeries(const present::Chart& chart) {
    const fleet::Series* longest = nullptr;
    for (const auto& line : chart.lines)
        if (longest == nullptr || line.points.values.size() > longest->values.size())
            longest = &line.points;
    return longest;
}

} // namespace

TimeChart::TimeChart(QWidget* parent)
    : TabledChart(parent),
      m_chart(new QChart),
      m_view(new QChartView(m_chart, this)),
      m_time(new QValueAxis(m_chart)),
      m_value(new QValueAxis(m_chart)),
      m_under(std::make_unique<TimeUnderlay>(m_chart)),
      m_over(std::make_unique<TimeOverlay>(m_chart)) {
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setBackgroundVisible(false);
    m_chart->setMargins(QMargins(0, 0, 0, 0));
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->legend()->hide();
    m_chart->addAxis(m_time, Qt::AlignBottom);
    m_chart->addAxis(m_value, Qt::AlignLeft);
    // The axes only map; the underlay paints gridlines and the axis line, so that both follow one layout.
    m_time->setVisible(false);
    m_value->setVisible(false);
    m_under->setZValue(kUnderLines);
    m_over->setZValue(kOverLines);
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

// The items belong to the scene, which may be gone before or after the pointers; they leave it first.
TimeChart::~TimeChart() {
    m_under.reset();
    m_over.reset();
}

QSize TimeChart::sizeHint() const {
    return {px(420), px(240)};
}

QSize TimeChart::minimumSizeHint() const {
    return {px(240), px(160)};
}

void TimeChart::setChart(const present::Chart& chart) {
    m_data = chart;
    if (m_cursor && (*m_cursor < chart.start || *m_cursor > chart.end))
        m_cursor.reset();
    setAccessibleName(toQString(chart.title));
    rebuild();
    dataChanged(toQString(chart.summary));
}

void TimeChart::rebuild() {
    const QRectF whole = m_view->viewport()->rect();
    if (whole.width() < 40 || whole.height() < 40)
        return;
    const TimeLayout layout = layOut(m_data, whole);
    m_chart->setMargins(marginsOf(layout.whole, layout.plot));
    m_chart->resize(whole.size());
    m_chart->layout()->activate();
    m_time->setRange(static_cast<double>(toMillis(m_data.start)), static_cast<double>(toMillis(m_data.end)));
    m_value->setRange(m_data.low, m_data.high);
    drawLines(layout.plot);
    m_under->set(m_data.emptyText.empty() ? &m_data : nullptr, layout);
    m_over->set(&m_data, layout);
    m_over->setCursor(m_cursor);
}

void TimeChart::drawLines(const QRectF& plot) {
    qsizetype used = 0;
    const auto columns = static_cast<int>(plot.width());
    for (const auto& line : m_data.lines) {
        const auto segments = reduceToColumns(toPoints(line.points, line.points.values),
            static_cast<double>(toMillis(m_data.start)), static_cast<double>(toMillis(m_data.end)), columns);
        for (Segment segment : segments) {
            if (used == m_series.size()) {
                auto* series = new QLineSeries(m_chart);
                m_chart->addSeries(series);
                series->attachAxis(m_time);
                series->attachAxis(m_value);
                m_series.append(series);
            }
            if (segment.size() == 1) // a lone sample is a dot: a line of no length with a round cap
                segment.append(segment.front() + QPointF(0.001, 0));
            QLineSeries* series = m_series[used++];
            series->setPen(linePen(lineColor(line), line.dash));
            series->replace(segment);
            series->setVisible(true);
        }
    }
    for (; used < m_series.size(); ++used) {
        m_series[used]->clear();
        m_series[used]->setVisible(false);
    }
}

ChartTable TimeChart::table() const {
    ChartTable table;
    table.headers.append(tr("Time (UTC)"));
    for (const auto& line : m_data.lines)
        table.headers.append(toQString(line.name));
    const fleet::Series* longest = longestSeries(m_data);
    if (longest == nullptr)
        return table;
    for (std::size_t index = 0; index < longest->values.size(); ++index) {
        const SystemTime at = timeOf(*longest, index);
        QStringList row{QDateTime::fromMSecsSinceEpoch(toMillis(at), Qt::UTC).toString(Qt::ISODate)};
        for (const auto& line : m_data.lines) {
            const auto value = valueAt(line.points, at);
            row.append(value ? valueText(m_data, *value) : QString());
        }
        table.rows.append(row);
    }
    return table;
}

void TimeChart::setCursorNear(double x) {
    const fleet::Series* series = longestSeries(m_data);
    const TimeLayout layout = layOut(m_data, m_view->viewport()->rect());
    if (series == nullptr || series->values.empty() || series->step.count() <= 0 ||
        !layout.plot.adjusted(-4, 0, 4, 0).contains(x, layout.plot.center().y())) {
        m_cursor.reset();
    } else {
        const double share = (x - layout.plot.left()) / layout.plot.width();
        const Seconds since = Seconds(m_data.end - m_data.start) * share + Seconds(m_data.start - series->start);
        const double index =
            std::clamp(std::round(since / series->step), 0.0, static_cast<double>(series->values.size() - 1));
        m_cursor = std::clamp(timeOf(*series, static_cast<std::size_t>(index)), m_data.start, m_data.end);
    }
    m_over->setCursor(m_cursor);
}

void TimeChart::moveCursor(int samples) {
    const fleet::Series* series = longestSeries(m_data);
    if (series == nullptr || series->values.empty() || series->step.count() <= 0)
        return;
    const auto last = static_cast<double>(series->values.size() - 1);
    const double from = m_cursor ? std::round(Seconds(*m_cursor - series->start) / series->step) + samples : last;
    m_cursor =
        std::clamp(timeOf(*series, static_cast<std::size_t>(std::clamp(from, 0.0, last))), m_data.start, m_data.end);
    m_over->setCursor(m_cursor);
}

void TimeChart::keyPressEvent(QKeyEvent* event) {
    if (!tableShown() && event->key() == Qt::Key_Left)
        moveCursor(-1);
    else if (!tableShown() && event->key() == Qt::Key_Right)
        moveCursor(1);
    else if (event->key() == Qt::Key_Escape && m_cursor) {
        m_cursor.reset();
        m_over->setCursor(m_cursor);
    } else {
        TabledChart::keyPressEvent(event);
    }
}

void TimeChart::focusInEvent(QFocusEvent* event) {
    m_over->setFocused(event->reason() != Qt::MouseFocusReason);
    TabledChart::focusInEvent(event);
}

void TimeChart::focusOutEvent(QFocusEvent* event) {
    m_over->setFocused(false);
    TabledChart::focusOutEvent(event);
}

void TimeChart::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::FontChange)
        rebuild();
    TabledChart::changeEvent(event);
}

bool TimeChart::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view->viewport()) {
        if (event->type() == QEvent::Resize)
            rebuild();
        else if (event->type() == QEvent::MouseMove)
            setCursorNear(static_cast<QMouseEvent*>(event)->position().x());
        else if (event->type() == QEvent::Leave && !hasFocus())
            setCursorNear(-1);
        return false;
    }
    return TabledChart::eventFilter(watched, event);
}

} // namespace perch::widgets
