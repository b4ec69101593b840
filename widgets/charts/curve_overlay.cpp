#include "widgets/charts/curve_overlay.h"

#include "core/base/number_format.h"
#include "widgets/charts/chart_layout.h"
#include "widgets/charts/pens.h"
#include "widgets/charts/time_overlay.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyleOptionGraphicsItem>

#include <algorithm>
#include <array>
#include <cmath>

namespace perch::widgets {

namespace {

constexpr int kRing = 4; ///< radius
constexpr int kLegendStep = 20;

/// As many decimals as the step of the axis has.
QString tickText(const present::Axis& axis, double value) {
    if (axis.step >= 1'000)
        return QString::fromStdString(
                   formatDecimal(value / 1'000, axis.step < 10'000 && std::fmod(axis.step, 1'000) != 0)) +
               QStringLiteral(" K");
    for (int decimals = 0; decimals < 4; ++decimals) {
        const double scaled = axis.step * std::pow(10, decimals);
        if (std::fabs(scaled - std::round(scaled)) < 1e-6)
            return QString::fromStdString(formatDecimal(value, decimals));
    }
    return QString::fromStdString(formatDecimal(value, 4));
}

/// The round values inside the axis; its ends need not be round.
QList<double> tickValues(const present::Axis& axis) {
    QList<double> values;
    const double first = std::ceil(axis.low / axis.step - 1e-9);
    for (int tick = 0; tick < 20 && (first + tick) * axis.step <= axis.high + axis.step * 1e-6; ++tick)
        values.append((first + tick) * axis.step);
    return values;
}

double endLabelWidth(const present::CurveCard& card) {
    const QFontMetricsF metrics(textFont(Size::Secondary, Face::Mono));
    double width = 0;
    for (const auto& line : card.lines)
        width = std::max(width, metrics.horizontalAdvance(toQString(line.label)));
    return width;
}

/// How much wider than `0.0` the words beside the vertical axis are; those of a training have room for four digits.
double tickOverhang(const present::CurveCard& card) {
    const QFontMetricsF metrics(textFont(Size::Caption, Face::Mono));
    double width = 0;
    for (const double value : tickValues(card.y))
        width = std::max(width, metrics.horizontalAdvance(tickText(card.y, value)));
    const double room = metrics.horizontalAdvance(card.endLabels ? QStringLiteral("0.000") : QStringLiteral("0.0"));
    return std::max(0.0, std::ceil(width - room));
}

} // namespace

CurveLayout layOutCurves(const present::CurveCard& card, const QRectF& whole) {
    CurveLayout layout;
    layout.whole = whole;
    layout.x = card.x;
    layout.y = card.y;
    const double left = px(card.endLabels ? 40 : 28) + tickOverhang(card),
                 right = card.endLabels ? endLabelWidth(card) + px(8) : px(4);
    layout.plot = QRectF(QPointF(std::ceil(whole.left() + left), std::ceil(whole.top() + px(10))),
                         QPointF(std::floor(whole.right() - right), std::floor(whole.bottom() - px(44))))
                      .adjusted(kInset, kInset, -kInset, -kInset);
    return layout;
}

QRectF freeCorner(const QRectF& plot, const QSizeF& size, const QList<QPointF>& points) {
    const double inset = px(12);
    const QRectF room = plot.adjusted(inset, inset, -inset, -inset);
    const double right = room.right() - size.width(), bottom = room.bottom() - size.height();
    const double above = bottom - room.height() * 0.2; // clear of a level near the bottom
    const double middle = (room.top() + bottom) / 2;
    const std::array<QPointF, 8> corners{
        QPointF(right, bottom),      QPointF(room.left(), bottom),     QPointF(right, above),
        QPointF(room.left(), above), QPointF(room.left(), room.top()), QPointF(right, room.top()),
        QPointF(right, middle),      QPointF(room.left(), middle)};
    const auto covered = [&](const QPointF& corner) {
        const QRectF box = QRectF(corner, size).adjusted(-4, -4, 4, 4);
        return std::count_if(points.begin(), points.end(), [&](const QPointF& point) { return box.contains(point); });
    };
    const auto best = std::min_element(corners.begin(), corners.end(),
                                       [&](const auto& a, const auto& b) { return covered(a) < covered(b); });
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

CurveOverlay::CurveOverlay(Layer layer, QGraphicsItem* parent) : QGraphicsItem(parent), m_layer(layer) {
    setFlag(ItemUsesExtendedStyleOption); // paint() is told which part
}

void CurveOverlay::set(const present::CurveCard* card, const CurveLayout& layout) {
    prepareGeometryChange();
    m_card = card;
    m_layout = layout;
    m_legend = m_layer == Layer::Over && !card->endLabels ? layOutLegend() : Legend();
    update();
}

void CurveOverlay::marksMoved(const present::CurveCard& before) {
    if (m_card == nullptr)
        return;
    const double reach = px(kRing) + 2; // with its line and a neighbouring pixel
    for (const present::CurveCard* card : {&before, m_card})
        for (const auto& line : card->lines)
            if (line.mark) {
                const QPointF center = m_layout.map(*line.mark);
                update(QRectF(center - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach)));
            }
}

void CurveOverlay::setFocused(bool focused) {
    m_focused = focused;
    update();
}

void CurveOverlay::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
    if (m_card == nullptr)
        return;
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_layer == Layer::Under) {
        if (m_card->emptyText.empty()) {
            paintGrid(*painter);
            paintHatch(*painter);
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
    const QRectF& exposed = option->exposedRect;
    if (!m_layout.plot.contains(exposed))
        paintTicks(*painter);
    paintUprights(*painter);
    paintMarks(*painter);
    if (m_card->endLabels)
        paintEnds(*painter);
    else if (m_legend.box.intersects(exposed))
        paintLegend(*painter);
    if (m_focused)
        paintFocusRing(*painter, m_layout.whole);
}

void CurveOverlay::paintGrid(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    const auto across = [&](double at, const QColor& color) {
        const double y = std::floor(at) + 0.5;
        painter.setPen(QPen(color, 1));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    };
    for (const double value : tickValues(m_card->y))
        across(m_layout.map({m_card->x.low, value}).y(), theme().grid);
    across(plot.bottom(), theme().line2);
}

void CurveOverlay::paintHatch(QPainter& painter) const {
    if (!m_card->hatched)
        return;
    const double from = m_layout.map({m_card->hatched->first, 0}).x(),
                 to = m_layout.map({m_card->hatched->second, 0}).x();
    painter.setBrushOrigin(m_layout.plot.topLeft());
    painter.fillRect(QRectF(from, m_layout.plot.top(), to - from, m_layout.plot.height()), staleHatch());
}

void CurveOverlay::paintTicks(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    painter.setFont(textFont(Size::Caption, Face::Mono));
    painter.setPen(theme().ink3);
    const double half = px(20), height = px(16);
    for (const double value : tickValues(m_card->y)) {
        const double y = m_layout.map({m_card->x.low, value}).y();
        painter.drawText(
            QRectF(m_layout.whole.left(), y - height / 2, plot.left() - px(6) - m_layout.whole.left(), height),
            Qt::AlignRight | Qt::AlignVCenter, tickText(m_card->y, value));
    }
    for (const double value : tickValues(m_card->x)) {
        const double x = m_layout.map({value, m_card->y.low}).x();
        if (m_card->endLabels) {
            painter.setPen(QPen(theme().line2, 1));
            painter.drawLine(QPointF(std::floor(x) + 0.5, plot.bottom() + 1),
                             QPointF(std::floor(x) + 0.5, plot.bottom() + px(4)));
            painter.setPen(theme().ink3);
        }
        QRectF below(x - half, plot.bottom() + px(4), 2 * half, height);
        const bool last = below.right() > m_layout.whole.right();
        if (last)
            below.moveRight(m_layout.whole.right());
        painter.drawText(below, (last ? Qt::AlignRight : Qt::AlignHCenter) | Qt::AlignVCenter,
                         tickText(m_card->x, value));
    }
    RunStyle style;
    style.color = theme().ink2;
    paintRuns(painter,
              QRect(static_cast<int>(plot.left()), static_cast<int>(plot.bottom()) + px(24),
                    static_cast<int>(plot.width()), px(16)),
              m_card->axisText, style, Qt::AlignHCenter);
}

void CurveOverlay::paintLevel(QPainter& painter) const {
    painter.setPen(dashedPen(theme().line2, 1, 4, 3));
    const present::Axis &x = m_card->x, &y = m_card->y;
    const double low = std::max(x.low, y.low), high = std::min(x.high, y.high);
    if (m_card->diagonal && low < high)
        painter.drawLine(m_layout.map({low, low}), m_layout.map({high, high}));
    if (m_card->level)
        painter.drawLine(m_layout.map({x.low, *m_card->level}), m_layout.map({x.high, *m_card->level}));
}

void CurveOverlay::paintUprights(QPainter& painter) const {
    const QRectF& plot = m_layout.plot;
    const double gap = px(8), line = px(17);
    for (const auto& upright : m_card->uprights) {
        const double x = std::floor(m_layout.map({upright.x, 0}).x()) + 0.5;
        const QColor color = upright.tone == present::Tone::Warning ? theme().warnFill : theme().text(upright.tone);
        painter.setPen(upright.dashed ? dashedPen(color, 1.5, 6, 4) : QPen(color, 1.5));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        RunStyle style;
        style.color = theme().text(upright.tone);
        style.weight = style.argumentWeight = 600;
        // The words stay on their side as long as they fit there.
        const double width = std::max(runsWidth(upright.first, style), runsWidth(upright.second, style));
        const bool left = upright.wordsLeft ? x - gap - width > plot.left() : x + gap + width > m_layout.whole.right();
        const Qt::Alignment side = left ? Qt::AlignRight : Qt::AlignLeft;
        const double from = left ? x - gap - width : x + gap;
        QRect words(static_cast<int>(from), static_cast<int>(plot.top() + px(2)), static_cast<int>(std::ceil(width)),
                    static_cast<int>(line));
        paintRuns(painter, words, upright.first, style, side);
        words.translate(0, static_cast<int>(line));
        style.weight = style.argumentWeight = upright.dashed ? 600 : 400;
        paintRuns(painter, words, upright.second, style, side);
    }
}

/// The last point of each line and its words: right of it and of the uprights, so that they cover nothing.
void CurveOverlay::paintEnds(QPainter& painter) const {
    QList<double> centers;
    QList<const present::CurveCard::Line*> labelled;
    double left = m_layout.plot.left();
    for (const auto& upright : m_card->uprights)
        left = std::max(left, m_layout.map({upright.x, 0}).x());
    for (const auto& line : m_card->lines) {
        if (line.points.empty())
            continue;
        const QPointF at = m_layout.map(line.points.back());
        if (line.dash == present::ChartLine::Dash::Solid) {
            painter.setPen(QPen(theme().surface, 1.5));
            painter.setBrush(theme().text(line.tone));
            painter.drawEllipse(at, 3.5, 3.5);
        }
        left = std::max(left, at.x());
        centers.append(at.y());
        labelled.append(&line);
    }
    left = std::min(left + px(8), m_layout.whole.right() - endLabelWidth(*m_card));
    const auto placed = spreadLabels(centers, px(16), m_layout.plot.top(), m_layout.plot.bottom() + px(8));
    painter.setFont(textFont(Size::Secondary, Face::Mono));
    for (qsizetype index = 0; index < placed.size(); ++index) {
        painter.setPen(theme().text(labelled[index]->tone));
        painter.drawText(QRectF(left, placed[index] - px(8), m_layout.whole.right() - left + 2, px(16)),
                         Qt::AlignLeft | Qt::AlignVCenter, toQString(labelled[index]->label));
    }
}

void CurveOverlay::paintMarks(QPainter& painter) const {
    for (const auto& line : m_card->lines) {
        if (line.markers || line.dots) {
            // Where many rows lie the cloud is denser.
            painter.setOpacity(line.dots ? 0.45 : 1);
            for (const auto& point : line.points)
                paintMarker(painter, m_layout.map(point), line.tone, px(line.dots ? 4 : 7));
            painter.setOpacity(1);
        }
        if (line.mark) {
            painter.setPen(QPen(theme().text(line.markTone == present::Tone::Plain ? line.tone : line.markTone), 2));
            painter.setBrush(theme().surface);
            painter.drawEllipse(m_layout.map(*line.mark), px(kRing), px(kRing));
        }
    }
}

CurveOverlay::Legend CurveOverlay::layOutLegend() const {
    Legend legend;
    // Lines come with the candidate last, so that it is drawn on top; the legend names it first.
    for (auto line = m_card->lines.rbegin(); line != m_card->lines.rend(); ++line) {
        legend.rows.append({toQString(line->label), theme().text(line->tone)});
        if (line->markers)
            legend.markers.append(line->tone);
    }
    if (!m_card->levelLabel.empty())
        legend.rows.append({toQString(m_card->levelLabel), theme().ink2});
    const QFontMetricsF metrics(textFont(Size::Secondary, Face::Mono));
    legend.indent = legend.markers.isEmpty() ? 0 : px(14);
    double width = 0;
    for (const auto& [text, color] : legend.rows)
        width = std::max(width, metrics.horizontalAdvance(text) + legend.indent);
    QList<QPointF> points;
    for (const auto& line : m_card->lines)
        for (std::size_t index = 0; index < line.points.size(); ++index) {
            points.append(m_layout.map(line.points[index]));
            // Between two far points the line is there too.
            if (index > 0 && !line.dots)
                for (const double share : {0.25, 0.5, 0.75}) {
                    const QPointF before = m_layout.map(line.points[index - 1]);
                    points.append(before + (m_layout.map(line.points[index]) - before) * share);
                }
        }
    for (int part = 0; part <= 20; ++part) {
        const double x = m_card->x.low + (m_card->x.high - m_card->x.low) * part / 20.0;
        if (m_card->level)
            points.append(m_layout.map({x, *m_card->level}));
        if (m_card->diagonal)
            points.append(m_layout.map({x, x}));
    }
    const QSizeF size(width, px(kLegendStep) * static_cast<double>(legend.rows.size()));
    legend.box = freeCorner(m_layout.plot, size, points);
    return legend;
}

void CurveOverlay::paintLegend(QPainter& painter) const {
    const QRectF& box = m_legend.box;
    const double step = px(kLegendStep);
    painter.setFont(textFont(Size::Secondary, Face::Mono));
    for (qsizetype row = 0; row < m_legend.rows.size(); ++row) {
        const double middle = box.top() + step * (static_cast<double>(row) + 0.5);
        if (row < m_legend.markers.size())
            paintMarker(painter, {box.left() + px(4), middle}, m_legend.markers[row], px(8));
        painter.setPen(m_legend.rows[row].second);
        painter.drawText(QRectF(box.left() + m_legend.indent, middle - step / 2, box.width(), step),
                         Qt::AlignLeft | Qt::AlignVCenter, m_legend.rows[row].first);
    }
}

} // namespace perch::widgets
