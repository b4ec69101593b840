#include "widgets/evaluate/fairness_view.h"

#include "core/base/number_format.h"
#include "widgets/charts/curve_overlay.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

#include <cmath>

namespace perch::widgets {

namespace {
constexpr double kGroupRow = 24, kGroupAxis = 22, kCount = 56; ///< pixels at 100 %
}

class FairnessView::Plot : public QWidget {
public:
    explicit Plot(const FairnessView* owner) : QWidget(nullptr), m_owner(owner) {}

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const auto& card = m_owner->m_card;
        RunStyle style;
        style.color = theme().ink2;
        if (card.groups.empty()) {
            paintGlyph(painter, QRectF(0, px(4), px(16), px(16)), present::State::NoData, theme().none);
            paintRuns(painter, QRect(px(24), px(4), width() - px(24), px(16)), card.emptyText, style);
            return;
        }
        double names = 0;
        const QFontMetricsF words(textFont(Size::Secondary));
        for (const auto& group : card.groups)
            names = std::max(names, words.horizontalAdvance(toQString(group.name)));
        names = std::min(names + px(8), width() * 0.4);
        const QRectF axis(names + px(kCount) + px(12), 0, width() - names - px(kCount) - px(12 + 26),
                          px(kGroupRow) * static_cast<double>(card.groups.size()));
        for (std::size_t row = 0; row < card.groups.size(); ++row)
            paintGroup(painter, card.groups[row], axis, px(kGroupRow) * static_cast<double>(row), names);
        paintAxis(painter, axis);
        if (showsFocus(*m_owner))
            paintFocusRing(painter, QRectF(rect()));
    }

private:
    double x(const QRectF& axis, double share) const {
        const auto& card = m_owner->m_card;
        const double span = card.high - card.low;
        return axis.left() + (span > 0 ? (share - card.low) / span : 0) * axis.width();
    }

    void paintGroup(QPainter& painter, const present::FairnessCard::Group& group, const QRectF& axis, double top,
                    double names) const {
        const QRect name(0, static_cast<int>(top), static_cast<int>(names) - px(4), px(kGroupRow));
        painter.setFont(textFont(Size::Secondary));
        painter.setPen(theme().ink);
        painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(toQString(group.name), Qt::ElideMiddle, name.width()));
        painter.setFont(textFont(Size::Caption, Face::Mono));
        painter.setPen(theme().ink2);
        painter.drawText(QRectF(names, top, px(kCount), px(kGroupRow)), Qt::AlignRight | Qt::AlignVCenter,
                         toQString(group.rows));
        const double y = top + px(kGroupRow) / 2.0;
        painter.fillRect(QRectF(axis.left(), std::floor(y), axis.width(), 1), theme().grid);
        painter.setPen(QPen(theme().canary, 2));
        painter.drawLine(QPointF(x(axis, group.low), y), QPointF(x(axis, group.high), y));
        paintMarker(painter, {x(axis, group.rate), y}, present::Tone::Canary, px(9));
    }

    void paintAxis(QPainter& painter, const QRectF& axis) const {
        const auto& card = m_owner->m_card;
        painter.setFont(textFont(Size::Caption, Face::Mono));
        painter.setPen(theme().ink3);
        const int ticks = static_cast<int>(std::lround((card.high - card.low) / card.tickStep));
        const int every = ticks > 4 ? 2 : 1;
        for (int tick = 0; tick <= ticks; tick += every) {
            const double share = card.low + tick * card.tickStep;
            painter.drawText(QRectF(x(axis, share) - px(24), axis.bottom() + px(2), px(48), px(16)), Qt::AlignCenter,
                             QString::fromStdString(formatPercent(share, 0)));
        }
    }

    const FairnessView* m_owner;
};

FairnessView::FairnessView(QWidget* parent) : TabledChart(parent), m_plot(new Plot(this)) {
    setPlot(m_plot);
}

int FairnessView::px220() {
    return px(220);
}

void FairnessView::setCard(const present::FairnessCard& card) {
    if (card == m_card)
        return;
    m_card = card;
    setFocusPolicy(card.groups.empty() ? Qt::NoFocus : Qt::StrongFocus);
    dataChanged(card.groups.empty() ? toQString(card.emptyText)
                                    : toQString(card.note) + QStringLiteral(", ") + toQString(card.gap));
    updateGeometry();
    m_plot->update();
}

ChartTable FairnessView::table() const {
    ChartTable table;
    table.headers = {tr("Group"), tr("Rows"), tr("Selection rate"), tr("Low"), tr("High")};
    for (const auto& group : m_card.groups)
        table.rows.append({toQString(group.name), toQString(group.rows), toQString(group.rateText),
                           QString::fromStdString(formatPercent(group.low)),
                           QString::fromStdString(formatPercent(group.high))});
    return table;
}

QSize FairnessView::sizeHint() const {
    return {px(280),
            m_card.groups.empty() ? px(28) : px(kGroupRow) * static_cast<int>(m_card.groups.size()) + px(kGroupAxis)};
}

} // namespace perch::widgets
