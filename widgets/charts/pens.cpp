#include "widgets/charts/pens.h"

#include "widgets/support/theme.h"

#include <QPainter>
#include <QPixmap>

namespace perch::widgets {

QPen dashedPen(const QColor& color, double width, double on, double off) {
    QPen pen(color, width, Qt::CustomDashLine, Qt::FlatCap, Qt::RoundJoin);
    pen.setDashPattern({on / width, off / width});
    return pen;
}

QPen linePen(const QColor& color, present::ChartLine::Dash dash) {
    using Dash = present::ChartLine::Dash;
    switch (dash) {
    case Dash::Secondary:
        return dashedPen(color, 1.5, 4, 3);
    case Dash::Estimated:
        return dashedPen(color, 1, 2, 3);
    case Dash::Shadow:
        return dashedPen(color, 2, 5, 4);
    case Dash::Solid:
        break;
    }
    return QPen(color, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

QPen limitPen() {
    return dashedPen(theme().warnFill, 1.5, 6, 4);
}

QBrush staleHatch() {
    QPixmap tile(8, 8);
    tile.fill(Qt::transparent);
    QPainter painter(&tile);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().line2, 1));
    for (const int shift : {-8, 0, 8})
        painter.drawLine(QPointF(shift, 8), QPointF(shift + 8, 0));
    return QBrush(tile);
}

QColor lineColor(const present::ChartLine& line) {
    return line.dash == present::ChartLine::Dash::Estimated ? theme().ink3 : theme().text(line.tone);
}

} // namespace perch::widgets
