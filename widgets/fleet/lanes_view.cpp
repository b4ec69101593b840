#include "widgets/fleet/lanes_view.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QDateTime>
#include <QHelpEvent>
#include <QPainter>
#include <QTimeZone>
#include <QToolTip>

namespace perch::widgets {

namespace {

constexpr int kLane = 24;
constexpr int kBar = 16;
constexpr int kNames = 152;
constexpr int kAxis = 24;
constexpr int kSteps = 8;

QString clock(SystemTime time) {
    return QDateTime::fromMSecsSinceEpoch(toMillis(time), QTimeZone::utc()).toString(QStringLiteral("HH:mm"));
}

} // namespace

LanesView::LanesView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
}

void LanesView::setLanes(const std::vector<present::Lane>& lanes, SystemTime start, SystemTime end) {
    m_lanes = lanes;
    m_start = start;
    m_end = end;
    updateGeometry();
    update();
}

QSize LanesView::sizeHint() const {
    return {px(600), px(kLane) * static_cast<int>(m_lanes.size()) + px(kAxis)};
}

QSize LanesView::minimumSizeHint() const {
    return sizeHint();
}

double LanesView::xOf(SystemTime time) const {
    const double left = px(kNames);
    const double right = width() - px(14);
    const auto whole = static_cast<double>((m_end - m_start).count());
    return whole <= 0 ? left : left + (right - left) * static_cast<double>((time - m_start).count()) / whole;
}

void LanesView::paintMark(QPainter& painter, const present::Lane::Mark& mark, double top) const {
    const Theme& t = theme();
    using Kind = present::Lane::Mark::Kind;
    const double x = xOf(mark.from);
    if (mark.kind == Kind::Point) {
        RunStyle style{Size::Caption, t.ink2, {}, 500, 0, false};
        const int width = px(24) + runsWidth(mark.chip.word, style);
        const double left = x + width > this->width() ? x - width : x - px(8);
        painter.fillRect(QRectF(left - px(4), top, width + px(8), px(kBar)), t.surface);
        paintGlyph(painter, QRectF(left, top + px(1), px(14), px(14)), mark.chip.state, t.text(mark.chip.state));
        paintRuns(painter, QRect(static_cast<int>(left) + px(20), static_cast<int>(top), width, px(kBar)), mark.chip.word, style);
        return;
    }
    const QRectF bar(x, top, std::max(2.0, xOf(mark.to) - x - 1), px(kBar));
    const bool canary = mark.kind == Kind::Canary;
    if (mark.kind == Kind::Shadow)
        paintBox(painter, bar, px(2), t.surface, t.shadow, Qt::CustomDashLine);
    else
        paintBox(painter, bar, px(2), canary ? t.canary : t.noneBg, {});
    RunStyle style{Size::Caption, canary ? t.onCanary : t.ink2, {}, 600, 600, false};
    if (runsWidth(mark.chip.word, style) + px(12) < bar.width())
        paintRuns(painter, bar.adjusted(px(6), 0, 0, 0).toRect(), mark.chip.word, style);
}

void LanesView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    const int bottom = px(kLane) * static_cast<int>(m_lanes.size());
    const auto step = (m_end - m_start) / kSteps;
    painter.setFont(textFont(Size::Caption, Face::Mono));
    for (int i = 0; i <= kSteps; ++i) {
        const SystemTime at = m_start + step * i;
        const double x = xOf(at);
        painter.fillRect(QRectF(x, 0, 1, bottom + px(4)), i == kSteps ? t.accent : t.grid);
        painter.setPen(t.ink3);
        const QString label = i == kSteps ? tr("now") : clock(at);
        painter.drawText(QRectF(x - px(40), bottom + px(6), px(80), px(16)), Qt::AlignCenter, label);
    }
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        const int y = px(kLane) * static_cast<int>(i);
        RunStyle name{Size::Secondary, t.ink2, {}, 0, 0, false};
        paintRuns(painter, QRect(0, y, px(kNames) - px(8), px(kLane)), verbatim(m_lanes[i].model.text()), name);
        painter.fillRect(QRectF(px(kNames), y + px(kLane) / 2.0, width() - px(kNames) - px(14), 1), t.grid);
        for (const present::Lane::Mark& mark : m_lanes[i].marks)
            paintMark(painter, mark, y + (px(kLane) - px(kBar)) / 2.0);
    }
    painter.fillRect(QRectF(xOf(m_end), 0, 2, bottom), t.accent);
}

bool LanesView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto lane = static_cast<std::size_t>(std::max(0, help->pos().y() / px(kLane)));
    if (lane < m_lanes.size()) {
        for (const present::Lane::Mark& mark : m_lanes[lane].marks) {
            const double from = xOf(mark.from) - px(8);
            const double to = mark.kind == present::Lane::Mark::Kind::Point ? from + px(24) : xOf(mark.to);
            if (help->pos().x() >= from && help->pos().x() <= to) {
                QToolTip::showText(help->globalPos(), clock(mark.from) + QStringLiteral("  ") + toQString(mark.chip.word), this);
                return true;
            }
        }
    }
    QToolTip::hideText();
    return true;
}

} // namespace perch::widgets
