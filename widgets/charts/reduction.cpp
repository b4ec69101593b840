#include "widgets/charts/reduction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace perch::widgets {

namespace {

/// What one pixel column keeps of its samples: indexes into the points.
struct Column {
    qsizetype first = -1, lowest = -1, highest = -1, last = -1;

    bool empty() const { return first < 0; }
    void take(const QList<QPointF>& points, qsizetype index) {
        if (empty()) {
            first = lowest = highest = last = index;
            return;
        }
        if (points[index].y() < points[lowest].y())
            lowest = index;
        if (points[index].y() > points[highest].y())
            highest = index;
        last = index;
    }
    void appendTo(Segment& segment, const QList<QPointF>& points) const {
        std::array<qsizetype, 4> kept{first, lowest, highest, last};
        std::sort(kept.begin(), kept.end());
        const auto end = std::unique(kept.begin(), kept.end());
        for (auto index = kept.begin(); index != end; ++index)
            segment.append(points[*index]);
    }
};

bool isGap(const QPointF& point) {
    return !std::isfinite(point.y()) || !std::isfinite(point.x());
}

/// The part of `points` whose x lies in the range, widened by one sample on each side.
std::pair<qsizetype, qsizetype> visiblePart(const QList<QPointF>& points, double from, double to) {
    const auto inside = [&](const QPointF& point) { return point.x() >= from && point.x() <= to; };
    const auto first = std::find_if(points.begin(), points.end(), inside);
    if (first == points.end())
        return {0, 0};
    const auto last = std::find_if(points.rbegin(), points.rend(), inside);
    const qsizetype begin = first - points.begin();
    const qsizetype end = points.rend() - last;
    return {std::max<qsizetype>(0, begin - 1), std::min(points.size(), end + 1)};
}

} // namespace

QList<Segment> reduceToColumns(const QList<QPointF>& points, double from, double to, int columns) {
    QList<Segment> segments;
    if (points.isEmpty() || !(to > from))
        return segments;
    columns = std::clamp(columns, 1, kMostColumns);
    const double width = (to - from) / columns;
    const auto [begin, end] = visiblePart(points, from, to);
    const bool thin = end - begin > columns; // otherwise every sample and every gap is kept
    Segment segment;
    Column column;
    double left = 0, right = 0; // the edges of the column under way; empty at first
    bool gapSinceLast = false;
    for (qsizetype index = begin; index < end; ++index) {
        const QPointF& point = points[index];
        if (isGap(point)) {
            gapSinceLast = true;
            continue;
        }
        if (!thin || point.x() < left || point.x() >= right) {
            if (!column.empty())
                column.appendTo(segment, points);
            column = {};
            if (gapSinceLast && !segment.isEmpty())
                segments.append(std::exchange(segment, {}));
            left = from + std::floor((point.x() - from) / width) * width;
            right = left + width;
        }
        gapSinceLast = false;
        column.take(points, index);
    }
    if (!column.empty())
        column.appendTo(segment, points);
    if (!segment.isEmpty())
        segments.append(segment);
    return segments;
}

} // namespace perch::widgets
