#pragma once

#include <QList>
#include <QPointF>

/// Thinning of a series before it is painted. A pixel column can show no more than the first, the lowest, the highest
/// and the last of its samples, so nothing else is kept: the picture is the same, the cost follows the width of the
/// plot and not the number of samples. Pure.
namespace perch::widgets {

/// A run of samples without a gap; runs are never joined.
using Segment = QList<QPointF>;

/// The most columns a series is reduced to: with four points each and the neighbors of the edges, under 2,000 in all.
inline constexpr int kMostColumns = 498;

/// `points` in order of x (up or down); a y that is not a number is a gap. Samples outside [from, to] are dropped but
/// for the neighbors of the edges, so that a line still leaves the plot where it should. A gap inside one column is
/// narrower than a pixel and is closed; any other gap ends the segment.
QList<Segment> reduceToColumns(const QList<QPointF>& points, double from, double to, int columns);

} // namespace perch::widgets
