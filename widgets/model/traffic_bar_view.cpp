#include "widgets/model/traffic_bar_view.h"

#include "core/base/number_format.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace perch::widgets {

namespace {

constexpr double kTrafficBar = 32, kDialogBar = 24, kReal = 6, kTrafficGap = 3; ///< pixels at 100 %

} // namespace

TrafficBarView::TrafficBarView(Height height, QWidget* parent) : QWidget(parent), m_height(height) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
}

int TrafficBarView::px100() {
    return px(100);
}

void TrafficBarView::setBar(const present::TrafficBar& bar) {
    m_bar = bar;
    QStringList words;
    for (const auto& part : bar.parts)
        words.append(toQString(part.name) + QLatin1Char(' ') + toQString(part.share));
    setAccessibleName(words.isEmpty() ? toQString(bar.emptyText) : words.join(QStringLiteral(", ")));
    update();
}

QSize TrafficBarView::sizeHint() const {
    return {px(400), m_height == Height::Card ? px(kTrafficBar) + px(kTrafficGap) + px(kReal) : px(kDialogBar)};
}

bool TrafficBarView::measured() const {
    return std::any_of(m_bar.parts.begin(), m_bar.parts.end(), [](const auto& part) { return part.real.has_value(); });
}

std::vector<QRectF> TrafficBarView::partAreas(const QRectF& area, bool real) const {
    std::vector<QRectF> areas;
    double total = 0;
    for (const auto& part : m_bar.parts)
        total += real ? part.real.value_or(0) : part.wanted;
    double left = area.left();
    for (const auto& part : m_bar.parts) {
        const double share = total > 0 ? (real ? part.real.value_or(0) : part.wanted) / total : 0;
        const double width = std::round(share * area.width());
        areas.emplace_back(left, area.top(), width, area.height());
        left += width;
    }
    return areas;
}

void TrafficBarView::paintWords(QPainter& painter, const QRectF& area, const present::TrafficPart& part) const {
    const QColor on = theme().on(part.tone);
    RunStyle name{.size = m_height == Height::Card ? Size::Body : Size::Secondary, .color = on, .weight = 600};
    RunStyle share{.size = name.size, .color = on, .weight = 400, .argumentWeight = 600};
    const QRect inner = area.toRect().adjusted(px(10), 0, -px(10), 0);
    const int nameWidth = runsWidth(part.name, name), shareWidth = runsWidth(part.share, share);
    if (nameWidth + shareWidth + px(16) <= inner.width()) {
        paintRuns(painter, inner, part.name, name);
        paintRuns(painter, inner, part.share, share, Qt::AlignRight);
        return;
    }
    const int decimals = std::fabs(part.wanted * 100 - std::round(part.wanted * 100)) < 0.005 ? 0 : 1;
    const Text brief = verbatim(part.version.text() + " " + formatPercent(part.wanted, decimals));
    const int briefWidth = runsWidth(brief, name), spare = px(7); // the padding may shrink, the number may not
    if (briefWidth <= inner.width())
        paintRuns(painter, inner, brief, name);
    else if (briefWidth <= inner.width() + 2 * spare)
        paintRuns(painter, inner.adjusted(-spare, 0, spare, 0), brief, name);
}

void TrafficBarView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF bar(0, 0, width(), px(m_height == Height::Card ? kTrafficBar : kDialogBar));
    if (m_bar.parts.empty()) {
        paintBox(painter, bar, px(3), theme().sunken, theme().line2, Qt::CustomDashLine);
        RunStyle style;
        style.color = theme().ink2;
        paintRuns(painter, bar.toRect().adjusted(px(10), 0, -px(10), 0), m_bar.emptyText, style);
        return;
    }
    const auto paintParts = [&](const QRectF& area, bool real) {
        const auto areas = partAreas(area, real);
        for (std::size_t index = 0; index < areas.size(); ++index) {
            if (areas[index].width() < 1)
                continue;
            const bool last = index + 1 == areas.size();
            const QRectF box = areas[index].adjusted(0, 0, last ? 0 : -2, 0);
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme().text(m_bar.parts[index].tone));
            painter.drawRoundedRect(box, real ? 2 : px(3), real ? 2 : px(3));
            if (!real)
                paintWords(painter, box, m_bar.parts[index]);
        }
    };
    paintParts(bar, false);
    if (m_height == Height::Dialog)
        return;
    const QRectF real(0, px(kTrafficBar) + px(kTrafficGap), width(), px(kReal));
    if (measured())
        paintParts(real, true);
    else
        paintBox(painter, real, 2, QColor(), theme().line2, Qt::CustomDashLine);
}

bool TrafficBarView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const bool real = measured() && help->pos().y() > px(kTrafficBar);
    const auto areas = partAreas(QRectF(rect()), real);
    for (std::size_t index = 0; index < areas.size(); ++index)
        if (help->pos().x() >= areas[index].left() && help->pos().x() < areas[index].right()) {
            QToolTip::showText(help->globalPos(), toQString(m_bar.parts[index].tooltip), this);
            return true;
        }
    QToolTip::hideText();
    return true;
}

} // namespace perch::widgets
