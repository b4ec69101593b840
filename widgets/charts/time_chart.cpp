#include "widgets/charts/time_chart.h"

#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/charts/series_points.h"
#include "widgets/charts/time_overlay.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QDateTime>
#include <QKeyEvent>
#include <QtCharts/QChart>

namespace perch::widgets {

namespace {

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
    : PlotChart(parent),
      m_under(std::make_unique<TimeUnderlay>(chart())),
      m_over(std::make_unique<TimeOverlay>(chart())) {
    setLayers(*m_under, *m_over);
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
    if (whole().width() < 40 || whole().height() < 40)
        return;
    const TimeLayout layout = layOut(m_data, whole());
    place(layout.plot, static_cast<double>(toMillis(m_data.start)), static_cast<double>(toMillis(m_data.end)), m_data.low,
        m_data.high);
    drawLines(layout.plot);
    m_under->set(m_data.emptyText.empty() ? &m_data : nullptr, layout);
    m_over->set(&m_data, layout);
    m_over->setCursor(m_cursor);
}

void TimeChart::drawLines(const QRectF& plot) {
    const auto columns = static_cast<int>(plot.width());
    beginLines();
    for (const auto& line : m_data.lines) {
        const auto segments = reduceToColumns(toPoints(line.points, line.points.values),
            static_cast<double>(toMillis(m_data.start)), static_cast<double>(toMillis(m_data.end)), columns);
        for (Segment segment : segments) {
            if (segment.size() == 1) // a lone sample is a dot: a line of no length with a round cap
                segment.append(segment.front() + QPointF(0.001, 0));
            addLine(segment, linePen(lineColor(line), line.dash));
        }
    }
    endLines();
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

void TimeChart::pointed(double x) {
    const fleet::Series* series = longestSeries(m_data);
    const TimeLayout layout = layOut(m_data, whole());
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
        PlotChart::keyPressEvent(event);
    }
}

void TimeChart::showFocus(bool shown) {
    m_over->setFocused(shown);
}

} // namespace perch::widgets
