#pragma once

#include "core/present/chart.h"

#include <QPainter>
#include <QRectF>

namespace perch::widgets {

/// Draws a spark line into `area`: lines with their last point, the limit, the hatch where data stopped. For
/// delegates; the caller caches.
void paintSpark(QPainter& painter, const QRectF& area, const present::Spark& spark);

} // namespace perch::widgets
