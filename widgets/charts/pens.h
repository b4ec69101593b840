#pragma once

#include "core/present/chart.h"

#include <QBrush>
#include <QPen>

/// Pens of the design language, section 4.
namespace perch::widgets {

/// Main series 2 px, secondary 1.5 px dash 4-3, estimated 1 px dots 2-3, shadow 2 px dash 5-4; round joins.
QPen linePen(const QColor& color, present::ChartLine::Dash dash);
/// 1.5 px dash 6-4.
QPen limitPen();
/// A dashed pen whose pattern is in pixels and not in pen widths.
QPen dashedPen(const QColor& color, double width, double on, double off);
/// 45 degree hatch, 8 px pitch, 1 px line2: data that is not there any more.
QBrush staleHatch();
/// The color of a line: that of its version; estimates are always ink3.
QColor lineColor(const present::ChartLine& line);

} // namespace perch::widgets
