#include "widgets/charts/time_overlay.h"

#include "core/base/number_format.h"
#include "widgets/charts/chart_layout.h"
#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/charts/series_points.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QDateTime>
#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>

#include <cmath>

namespace perch::widgets {

namespace {

QFont tickFont() {
    return textFont(Size::Caption, Face::Mono);
}

QFont labelFont() {
    return textFont(Size::Secondary, Face::Mono);
}

bool hasEndLabel(const present::ChartLine& line) {
    return !line.label.empty() && lastSample(line.points).has_value();
}

/// Whether this line stopped while another one went on.
bool stopped(const present::ChartLine& line) {
    return line.staleSince.has_value();
}

/// Hatched from here when no line goes on.
std::optional<SystemTime> hatchedSince(const present::Chart& chart) {
    std::optional<SystemTime> since;
    for (const auto& line : chart.lines) {
        if (!lastSample(line.points))
            continue;
        if (!line.staleSince)
            return {};
        since = since ? std::max(*since, *line.staleSince) : *line.staleSince;
    }
    return since;
}

double endLabelWidth(const present::Chart& chart) {
    const QFontMetricsF metrics(labelFont());
    double width = 0;
    for (const auto& line : chart.lines)
        if (hasEndLabel(line))
            width = std::max(width, metrics.horizontalAdvance(toQString(line.label)));
    return width > 0 ? width + px(10) : px(8);
}

bool hasFootnotes(const present::Chart& chart) {
    return !chart.events.empty() || !chart.footnote.empty();
}

int tickDecimals(const present::Chart& chart) {
    for (int decimals = 0; decimals < 4; ++decimals) {
        const double scaled = chart.tickStep * std::pow(10, decimals);
        if (std::fabs(scaled - std::round(scaled)) < 1e-6)
            return decimals;
    }
    return 4;
}

QList<double> tickValues(const present::Chart& chart) {
    QList<double> values;
    const auto count = static_cast<int>(std::lround((chart.high - chart.low) / chart.tickStep));
    for (int index = 0; index <= count && index < 20; ++index)
        values.append(chart.low + index * chart.tickStep);
    return values;
}

} // namespace

double TimeLayout::x(SystemTime at) const {
    const double span = static_cast<double>(toMillis(end) - toMillis(start));
    return span > 0 ? plot.left() + static_cast<double>(toMillis(at) - toMillis(start)) / span * plot.width()
                    : plot.left();
}

double TimeLayout::y(double value) const {
    return high > low ? plot.bottom() - (value - low) / (high - low) * plot.height() : plot.bottom();
}

QString tickText(const present::Chart& chart, double value) {
    return QString::fromStdString(formatDecimal(value, tickDecimals(chart))) + toQString(chart.unit);
}

QString valueText(const present::Chart& chart, double value) {
    return QString::fromStdString(formatDecimal(value, std::max(1, tickDecimals(chart)))) + toQString(chart.unit);
}

TimeLayout layOut(const present::Chart& chart, const QRectF& whole) {
    const QFontMetricsF metrics(tickFont());
    double left = 0;
    for (const double value : tickValues(chart))
        left = std::max(left, metrics.horizontalAdvance(tickText(chart, value)));
    const double top = chart.limitOutside ? px(24) : chart.events.empty() ? px(8) : px(14);
    const double bottom = px(24) + (hasFootnotes(chart) ? px(24) : 0);
    TimeLayout layout;
    layout.whole = whole;
    layout.plot = QRectF(std::ceil(whole.left() + left + px(8)), std::ceil(whole.top() + top), 0, 0);
    layout.plot.setRight(std::floor(std::max(layout.plot.left() + 20, whole.right() - endLabelWidth(chart))));
    layout.plot.setBottom(std::floor(std::max(layout.plot.top() + 20, whole.bottom() - bottom)));
    layout.plot.adjust(kInset, kInset, -kInset, -kInset);
    layout.low = chart.low;
    layout.high = chart.high;
    layout.start = chart.start;
    layout.end = chart.end;
    return layout;
}

QMargins marginsOf(const QRectF& whole, const QRectF& plot) {
    const auto pixels = [](double value) { return static_cast<int>(std::lround(value - kInset)); };
    return {pixels(plot.left() - whole.left()), pixels(plot.top() - whole.top()), pixels(whole.right() - plot.right()),
        pixels(whole.bottom() - plot.bottom())};
}

void TimeUnderlay::set(const present::Chart* chart, const TimeLayout& layout) {
    prepareGeometryChange();
    m_chart = chart;
    m_layout = layout;
    update();
}

void TimeUnderlay::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    if (m_chart == nullptr)
        return;
    painter->setRenderHint(QPainter::Antialiasing);
    for (const double value : tickValues(*m_chart)) {
        const double y = std::floor(m_layout.y(value)) + 0.5;
        painter->setPen(QPen(value == m_chart->low ? theme().line2 : theme().grid, 1));
        painter->drawLine(QPointF(m_layout.plot.left(), y), QPointF(m_layout.plot.right(), y));
    }
    painter->setClipRect(m_layout.plot);
    if (const auto since = hatchedSince(*m_chart); since && *since < m_layout.end) {
        painter->setBrushOrigin(m_layout.plot.topLeft());
        painter->fillRect(
            QRectF(QPointF(m_layout.x(*since), m_layout.plot.top()), m_layout.plot.bottomRight()), staleHatch());
    }
    const auto columns = static_cast<int>(m_layout.plot.width());
    const auto from = static_cast<double>(toMillis(m_layout.start)), to = static_cast<double>(toMillis(m_layout.end));
    for (const auto& line : m_chart->lines) {
        const auto lows = reduceToColumns(toPoints(line.points, line.points.low), from, to, columns);
        const auto highs = reduceToColumns(toPoints(line.points, line.points.high), from, to, columns);
        QColor color = lineColor(line);
        color.setAlphaF(0.13F);
        painter->setPen(Qt::NoPen);
        painter->setBrush(color);
        // Low and high have their gaps at the same samples, so their segments pair up.
        for (qsizetype index = 0; index < std::min(lows.size(), highs.size()); ++index) {
            QPolygonF band;
            const auto add = [&](const QPointF& point) {
                band.append({m_layout.x(fromMillis(static_cast<std::int64_t>(point.x()))), m_layout.y(point.y())});
            };
            std::for_each(highs[index].begin(), highs[index].end(), add);
            std::for_each(lows[index].rbegin(), lows[index].rend(), add);
            painter->drawPolygon(band);
        }
    }
}

void TimeOverlay::set(const present::Chart* chart, const TimeLayout& layout) {
    prepareGeometryChange();
    m_chart = chart;
    m_layout = layout;
    update();
}

void TimeOverlay::setCursor(std::optional<SystemTime> cursor) {
    m_cursor = cursor;
    update();
}

void TimeOverlay::setFocused(bool focused) {
    m_focused = focused;
    update();
}

void TimeOverlay::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    if (m_chart == nullptr)
        return;
    painter->setRenderHint(QPainter::Antialiasing);
    if (!m_chart->emptyText.empty()) {
        paintEmpty(*painter);
        return;
    }
    paintTicks(*painter);
    paintLimit(*painter);
    paintEvents(*painter);
    paintEnds(*painter);
    paintFootnotes(*painter);
    if (m_cursor)
        paintCursor(*painter);
    if (m_focused)
        paintFocusRing(*painter, m_layout.whole);
}

void TimeOverlay::paintEmpty(QPainter& painter) const {
    const QRect glyph(
        static_cast<int>(m_layout.whole.left()), static_cast<int>(m_layout.whole.center().y()) - px(8), px(16), px(16));
    paintGlyph(painter, glyph, present::State::NoData, theme().none);
    QRect area = m_layout.whole.toRect();
    area.setLeft(glyph.right() + px(8));
    RunStyle style;
    style.color = theme().ink2;
    paintRuns(painter, area, m_chart->emptyText, style);
}

void TimeOverlay::paintTicks(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    painter.setFont(tickFont());
    painter.setPen(theme().ink3);
    const double height = px(16);
    for (const double value : tickValues(*m_chart)) {
        const QRectF area(
            m_layout.whole.left(), m_layout.y(value) - height / 2, plot.left() - px(8) - m_layout.whole.left(), height);
        painter.drawText(area, Qt::AlignRight | Qt::AlignVCenter, tickText(*m_chart, value));
    }
    const QFontMetricsF metrics(tickFont());
    const int most =
        std::max(2, static_cast<int>(plot.width() / (metrics.horizontalAdvance(QStringLiteral("00:00")) + px(12))));
    for (const TimeTick& tick : timeTicks(m_layout.start, m_layout.end, most)) {
        const double x = m_layout.x(tick.at), half = metrics.horizontalAdvance(tick.label) / 2;
        painter.setPen(QPen(theme().line2, 1));
        painter.drawLine(
            QPointF(std::floor(x) + 0.5, plot.bottom() + 1), QPointF(std::floor(x) + 0.5, plot.bottom() + px(4)));
        painter.setPen(theme().ink3);
        const double at = std::clamp(x - half, m_layout.whole.left(), m_layout.whole.right() - 2 * half);
        painter.drawText(QRectF(at - 1, plot.bottom() + px(5), 2 * half + 2, height), Qt::AlignCenter, tick.label);
    }
}

void TimeOverlay::paintLimit(QPainter& painter) const {
    if (!m_chart->limit)
        return;
    const QRectF& plot = m_layout.plot;
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().warn;
    if (m_chart->limitOutside) {
        const QRectF mark(plot.left() + px(4), m_layout.whole.top() + px(4), px(10), px(9));
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().warn);
        painter.drawPolygon(QPolygonF({mark.bottomLeft(), mark.bottomRight(), QPointF(mark.center().x(), mark.top())}));
        paintRuns(painter,
            QRect(static_cast<int>(mark.right()) + px(4), static_cast<int>(m_layout.whole.top()),
                static_cast<int>(m_layout.whole.width()), px(16)),
            m_chart->limitLabel, style);
        return;
    }
    const double y = m_layout.y(*m_chart->limit);
    painter.setPen(limitPen());
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    paintRuns(painter,
        QRect(static_cast<int>(plot.left()) + px(6), static_cast<int>(y) - px(16), static_cast<int>(plot.width()),
            px(14)),
        m_chart->limitLabel, style);
}

void TimeOverlay::paintEvents(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    for (const auto& event : m_chart->events) {
        if (event.at < m_layout.start || event.at > m_layout.end)
            continue;
        const double x = std::floor(m_layout.x(event.at)) + 0.5;
        painter.setPen(dashedPen(theme().ink2, 1, 2, 3));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        const double half = px(5), top = plot.top() - px(8), height = px(12);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().ink2);
        painter.drawPolygon(QPolygonF({{x - half, top}, {x + half, top}, {x + half, top + height - 3},
            {x, top + height}, {x - half, top + height - 3}}));
        QFont digits = textFont(Size::Caption, Face::Mono, QFont::Bold);
        digits.setPixelSize(px(9));
        painter.setFont(digits);
        painter.setPen(theme().surface);
        painter.drawText(QRectF(x - half, top, 2 * half, height - 2), Qt::AlignCenter, QString::number(event.number));
    }
}

void TimeOverlay::paintEnds(QPainter& painter) const {
    QList<double> centers;
    QList<const present::ChartLine*> labelled;
    for (const auto& line : m_chart->lines) {
        const auto last = lastSample(line.points);
        if (!last)
            continue;
        const double y = m_layout.y(*line.points.values[*last]);
        using Dash = present::ChartLine::Dash;
        if (line.dash == Dash::Solid || line.dash == Dash::Shadow) {
            painter.setPen(QPen(theme().surface, 1.5));
            painter.setBrush(lineColor(line));
            painter.drawEllipse(QPointF(m_layout.x(timeOf(line.points, *last)), y), 3.5, 3.5);
        }
        if (hasEndLabel(line)) {
            centers.append(y);
            labelled.append(&line);
        }
    }
    const auto placed = spreadLabels(centers, px(16), m_layout.whole.top(), m_layout.plot.bottom() + px(8));
    painter.setFont(labelFont());
    for (qsizetype index = 0; index < placed.size(); ++index) {
        painter.setPen(stopped(*labelled[index]) ? theme().ink3 : lineColor(*labelled[index]));
        painter.drawText(QRectF(m_layout.plot.right() + px(8), placed[index] - px(8),
                             m_layout.whole.right() - m_layout.plot.right(), px(16)),
            Qt::AlignLeft | Qt::AlignVCenter, toQString(labelled[index]->label));
    }
}

void TimeOverlay::paintFootnotes(QPainter& painter) const {
    QRect row(static_cast<int>(m_layout.whole.left()), static_cast<int>(m_layout.plot.bottom()) + px(28),
        static_cast<int>(m_layout.whole.width()), px(16));
    RunStyle style;
    style.color = theme().ink2;
    int used = 0;
    for (const auto& event : m_chart->events) {
        const QString number = QString::number(event.number);
        painter.setFont(textFont(Size::Secondary, Face::Mono, QFont::Bold));
        painter.setPen(theme().ink);
        painter.drawText(row.adjusted(used, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, number);
        used += QFontMetrics(painter.font()).horizontalAdvance(number) + px(5);
        used += paintRuns(painter, row.adjusted(used, 0, 0, 0), event.text, style) + px(14);
    }
    const int width = runsWidth(m_chart->footnote, style);
    if (!m_chart->footnote.empty() && used + width <= row.width())
        paintRuns(painter, row.adjusted(row.width() - width, 0, 0, 0), m_chart->footnote, style);
}

void TimeOverlay::paintCursor(QPainter& painter) const {
    const double x = std::floor(m_layout.x(*m_cursor)) + 0.5;
    painter.setPen(QPen(theme().line2, 1));
    painter.drawLine(QPointF(x, m_layout.plot.top()), QPointF(x, m_layout.plot.bottom()));
    QStringList rows{QLocale::c().toString(
        QDateTime::fromMSecsSinceEpoch(toMillis(*m_cursor), Qt::UTC), QStringLiteral("d MMM HH:mm:ss"))};
    QList<QColor> colors{theme().ink2};
    for (const auto& line : m_chart->lines) {
        const auto value = valueAt(line.points, *m_cursor);
        if (!value)
            continue;
        const QPointF at(x, m_layout.y(*value));
        if (m_focused) {
            painter.setPen(QPen(theme().accent, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(at, 6, 6);
        }
        painter.setPen(QPen(theme().surface, 1.5));
        painter.setBrush(lineColor(line));
        painter.drawEllipse(at, 3.5, 3.5);
        rows.append(toQString(line.name) + QLatin1Char(' ') + valueText(*m_chart, *value));
        colors.append(lineColor(line));
    }
    paintReadout(painter, x, rows, colors);
}

void TimeOverlay::paintReadout(
    QPainter& painter, double x, const QStringList& rows, const QList<QColor>& colors) const {
    const QFontMetricsF metrics(tickFont());
    double width = 0;
    for (const QString& row : rows)
        width = std::max(width, metrics.horizontalAdvance(row));
    const double step = px(16);
    QRectF box(x + px(8), m_layout.plot.top() + px(8), width + px(16), step * static_cast<double>(rows.size()) + px(8));
    if (box.right() > m_layout.whole.right())
        box.moveRight(x - px(8));
    painter.setPen(QPen(theme().line2, 1));
    painter.setBrush(theme().raised);
    painter.drawRoundedRect(box, 4, 4);
    painter.setFont(tickFont());
    for (qsizetype index = 0; index < rows.size(); ++index) {
        painter.setPen(colors[index]);
        painter.drawText(
            QRectF(box.left() + px(8), box.top() + px(4) + step * static_cast<double>(index), width + 2, step),
            Qt::AlignLeft | Qt::AlignVCenter, rows[index]);
    }
}

} // namespace perch::widgets
