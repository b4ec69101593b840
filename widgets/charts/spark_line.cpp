#include "widgets/charts/spark_line.h"

#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/support/theme.h"

#include <limits>

namespace perch::widgets {

namespace {

void paintLine(QPainter& painter, const QRectF& plot, const present::Spark::Line& line) {
    QList<QPointF> points;
    const auto count = line.values.size();
    for (std::size_t index = 0; index < count; ++index) {
        const double x = count > 1 ? static_cast<double>(index) / static_cast<double>(count - 1) : 1;
        const auto& value = line.values[index];
        points.append({plot.left() + x * plot.width(),
            value ? plot.bottom() - *value * plot.height() : std::numeric_limits<double>::quiet_NaN()});
    }
    const QColor color = theme().text(line.tone);
    QPen pen = line.dashed ? dashedPen(color, 1.5, 3, 2) : QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    const auto segments = reduceToColumns(points, plot.left(), plot.right() + 1, qMax(1, qRound(plot.width())));
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    for (const Segment& segment : segments) {
        if (segment.size() == 1)
            painter.drawPoint(segment.front());
        else
            painter.drawPolyline(segment.constData(), static_cast<int>(segment.size()));
    }
    if (!segments.isEmpty()) {
        painter.setPen(QPen(theme().surface, 1));
        painter.setBrush(color);
        painter.drawEllipse(segments.back().back(), 2.75, 2.75);
    }
}

} // namespace

void paintSpark(QPainter& painter, const QRectF& area, const present::Spark& spark) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF whole = area.adjusted(1, 3, -4, -3);
    QRectF plot = whole;
    plot.setRight(whole.right() - spark.staleShare * whole.width());
    if (spark.staleShare > 0) {
        painter.setBrushOrigin(area.topLeft());
        painter.fillRect(QRectF(plot.right(), area.top(), area.right() - plot.right(), area.height()), staleHatch());
    }
    if (spark.limit) {
        const double y = whole.bottom() - *spark.limit * whole.height();
        painter.setPen(dashedPen(theme().warnFill, 1, 4, 3));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
    for (const auto& line : spark.lines)
        paintLine(painter, plot, line);
    painter.restore();
}

} // namespace perch::widgets
