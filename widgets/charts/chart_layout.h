#pragma once

#include "core/base/clock.h"

#include <QList>
#include <QString>

/// Where the words of a chart go: pure arithmetic, no painting.
namespace perch::widgets {

/// Moves labels apart: `centers` are where they would like to be, the result keeps their order, at least `height`
/// between neighbors, inside [top, bottom] as far as they fit.
QList<double> spreadLabels(const QList<double>& centers, double height, double top, double bottom);

struct TimeTick {
    SystemTime at{};
    QString label; ///< `18:00`, `6 May`, `14:32:10`: 24 h clock, UTC
};

/// Ticks at round times, at most `most` of them.
QList<TimeTick> timeTicks(SystemTime start, SystemTime end, int most);

} // namespace perch::widgets
