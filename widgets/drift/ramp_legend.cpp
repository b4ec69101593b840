#include "widgets/drift/ramp_legend.h"

#include "core/present/model_screen.h"
#include "widgets/charts/heat_strip.h"
#include "widgets/support/fonts.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

namespace {

constexpr double kStepWidth = 54, kSwatch = 8, kLegendHeight = 30; ///< pixels at 100 %

} // namespace

RampLegend::RampLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Colors from a PSI below 0.05 to above 0.35"));
}

void RampLegend::setLimit(double limit) {
    m_limit = limit;
    update();
}

QSize RampLegend::sizeHint() const {
    return {px(kStepWidth * static_cast<double>(theme().ramp.size())), px(kLegendHeight)};
}

void RampLegend::paintEvent(QPaintEvent*) {
    const QStringList& words = driftLevelWords();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(textFont(Size::Caption, Face::Mono));
    const double step = px(kStepWidth);
    for (qsizetype i = 0; i < words.size(); ++i) {
        const double left = step * static_cast<double>(i);
        painter.fillRect(QRectF(left, px(2), step, px(kSwatch)), theme().ramp[static_cast<std::size_t>(i)]);
        painter.setPen(theme().ink2);
        const QRectF area(left, px(kSwatch) + px(2), step, px(kLegendHeight - kSwatch - 2));
        QRectF used;
        painter.drawText(area, Qt::AlignCenter, words[i], &used);
        // A step that the limit cuts holds cells with a dot and cells without one.
        if (i == 0 || present::kRampEdges[static_cast<std::size_t>(i - 1)] < m_limit)
            continue;
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().ink2);
        painter.drawEllipse(QPointF(used.right() + px(6), used.center().y()), 2, 2);
    }
}

} // namespace perch::widgets
