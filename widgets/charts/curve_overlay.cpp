#include "widgets/charts/curve_overlay.h"

#include "core/base/number_format.h"
#include "widgets/charts/pens.h"
#include "widgets/charts/time_overlay.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::widgets {

namespace {

constexpr int kTicks = 6; ///< 0.0, 0.2 ... 1.0

QString tickText(int tick) {
    return QString::fromStdString(formatDecimal(tick / (kTicks - 1.0), 1));
}

} // namespace

CurveLayout layOutCurves(const QRectF& whole) {
    CurveLayout layout;
    layout.whole = whole;
    layout.plot = QRectF(QPointF(std::ceil(whole.left() + px(28)), std::ceil(whole.top() + px(10))),
        QPointF(std::floor(whole.right() - px(4)), std::floor(whole.bottom() - px(44))))
                      .adjusted(kInset, kInset, -kInset, -kInset);
    return layout;
}

QRectF freeCorner(const QRectF& plot, const QSizeF& size, const QList<QPointF>& points) {
    const double inset = px(12);
    const QRectF room = plot.adjusted(inset, inset, -inset, -inset);
    const double right = room.right() - size.width(), bottom = room.bottom() - size.height();
    const double above = bottom - room.height() * 0.2; // clear of a level near the bottom
    const double middle = (room.top() + bottom) / 2;
    const std::array<QPointF, 8> corners{QPointF(right, bottom), QPointF(room.left(), bottom), QPointF(right, above),
        QPointF(room.left(), above), QPointF(room.left(), room.top()), QPointF(right, room.top()),
        QPointF(right, middle), QPointF(room.left(), middle)};
    const auto covered = [&](const QPointF& corner) {
        const QRectF box = QRectF(corner, size).adjusted(-4, -4, 4, 4);
        return std::count_if(points.begin(), points.end(), [&](const QPointF& point) { return box.contains(point); });
    };
    const auto best = std::min_element(
        corners.begin(), corners.end(), [&](const auto& a, const auto& b) { return covered(a) < covered(b); });
    return QRectF(*best, size);
}

void paintMarker(QPainter& painter, const QPointF& center, present::Tone tone, double size) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().text(tone));
    const QRectF box(center.x() - size / 2, center.y() - size / 2, size, size);
    if (tone == present::Tone::Canary)
        painter.drawEllipse(box);
    else
        painter.drawRect(box);
}

void CurveOverlay::set(const present::CurveCard* card, const CurveLayout& layout) {
    prepareGeometryChange();
    m_card = card;
    m_layout = layout;
    update();
}

void CurveOverlay::setFocused(bool focused) {
    m_focused = focused;
    update();
}

void CurveOverlay::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    if (m_card == nullptr)
        return;
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_layer == Layer::Under) {
        if (m_card->emptyText.empty()) {
            paintGrid(*painter);
            paintLevel(*painter);
        }
        return;
    }
    if (!m_card->emptyText.empty()) {
        const QRect glyph(0, static_cast<int>(m_layout.whole.center().y()) - px(8), px(16), px(16));
        paintGlyph(*painter, glyph, present::State::NoData, theme().none);
        RunStyle style;
        style.color = theme().ink2;
        paintRuns(*painter, m_layout.whole.toRect().adjusted(px(24), 0, 0, 0), m_card->emptyText, style);
        return;
    }
    paintTicks(*painter);
    paintMarks(*painter);
    paintLegend(*painter);
    if (m_focused)
        paintFocusRing(*painter, m_layout.whole);
}

void CurveOverlay::paintGrid(QPainter& painter) const {
    for (int tick = 0; tick < kTicks; ++tick) {
        const double y = std::floor(m_layout.map({0, tick / (kTicks - 1.0)}).y()) + 0.5;
        painter.setPen(QPen(tick == 0 ? theme().line2 : theme().grid, 1));
        painter.drawLine(QPointF(m_layout.plot.left(), y), QPointF(m_layout.plot.right(), y));
    }
}

void CurveOverlay::paintTicks(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    painter.setFont(textFont(Size::Caption, Face::Mono));
    painter.setPen(theme().ink3);
    const double half = px(20), height = px(16);
    for (int tick = 0; tick < kTicks; ++tick) {
        const double share = tick / (kTicks - 1.0);
        const QPointF at = m_layout.map({share, share});
        painter.drawText(
            QRectF(m_layout.whole.left(), at.y() - height / 2, plot.left() - px(6) - m_layout.whole.left(), height),
            Qt::AlignRight | Qt::AlignVCenter, tickText(tick));
        QRectF below(at.x() - half, plot.bottom() + px(4), 2 * half, height);
        const bool last = tick == kTicks - 1;
        if (last)
            below.moveRight(m_layout.whole.right());
        painter.drawText(below, (last ? Qt::AlignRight : Qt::AlignHCenter) | Qt::AlignVCenter, tickText(tick));
    }
    RunStyle style;
    style.color = theme().ink2;
    paintRuns(painter,
        QRect(static_cast<int>(plot.left()), static_cast<int>(plot.bottom()) + px(24), static_cast<int>(plot.width()),
            px(16)),
        m_card->axisText, style, Qt::AlignHCenter);
}

void CurveOverlay::paintLevel(QPainter& painter) const {
    painter.setPen(dashedPen(theme().line2, 1, 4, 3));
    if (m_card->diagonal)
        painter.drawLine(m_layout.map({0, 0}), m_layout.map({1, 1}));
    if (m_card->level)
        painter.drawLine(m_layout.map({0, *m_card->level}), m_layout.map({1, *m_card->level}));
}

void CurveOverlay::paintMarks(QPainter& painter) const {
    for (const auto& line : m_card->lines) {
        if (line.markers)
            for (const auto& point : line.points)
                paintMarker(painter, m_layout.map(point), line.tone, px(7));
        if (line.mark) {
            painter.setPen(QPen(theme().text(line.tone), 2));
            painter.setBrush(theme().surface);
            painter.drawEllipse(m_layout.map(*line.mark), px(4), px(4));
        }
    }
}

void CurveOverlay::paintLegend(QPainter& painter) const {
    QList<std::pair<QString, QColor>> rows;
    QList<present::Tone> markers;
    // Lines come with the candidate last, so that it is drawn on top; the legend names it first.
    for (auto line = m_card->lines.rbegin(); line != m_card->lines.rend(); ++line) {
        rows.append({toQString(line->label), theme().text(line->tone)});
        if (line->markers)
            markers.append(line->tone);
    }
    if (!m_card->levelLabel.empty())
        rows.append({toQString(m_card->levelLabel), theme().ink2});
    painter.setFont(textFont(Size::Secondary, Face::Mono));
    const QFontMetricsF metrics(painter.font());
    const double indent = markers.isEmpty() ? 0 : px(14), step = px(20);
    double width = 0;
    for (const auto& [text, color] : rows)
        width = std::max(width, metrics.horizontalAdvance(text) + indent);
    QList<QPointF> points;
    for (const auto& line : m_card->lines)
        for (std::size_t index = 0; index < line.points.size(); ++index) {
            points.append(m_layout.map(line.points[index]));
            // Between two far points the line is there too.
            if (index > 0)
                for (const double share : {0.25, 0.5, 0.75}) {
                    const QPointF before = m_layout.map(line.points[index - 1]);
                    points.append(before + (m_layout.map(line.points[index]) - before) * share);
                }
        }
    for (int part = 0; part <= 20; ++part) {
        if (m_card->level)
            points.append(m_layout.map({part / 20.0, *m_card->level}));
        if (m_card->diagonal)
            points.append(m_layout.map({part / 20.0, part / 20.0}));
    }
    const QRectF box = freeCorner(m_layout.plot, QSizeF(width, step * static_cast<double>(rows.size())), points);
    for (qsizetype row = 0; row < rows.size(); ++row) {
        const double middle = box.top() + step * (static_cast<double>(row) + 0.5);
        if (row < markers.size())
            paintMarker(painter, {box.left() + px(4), middle}, markers[row], px(8));
        painter.setPen(rows[row].second);
        painter.drawText(QRectF(box.left() + indent, middle - step / 2, width, step), Qt::AlignLeft | Qt::AlignVCenter,
            rows[row].first);
    }
}

} // namespace perch::widgets
