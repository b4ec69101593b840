#pragma once

#include "core/fleet/snapshot.h"

#include <QList>
#include <QPointF>

#include <optional>

namespace perch::widgets {

/// x is milliseconds since the epoch; a gap has no number as y.
QList<QPointF> toPoints(const fleet::Series& series, const std::vector<std::optional<double>>& values);

/// The time of a sample.
SystemTime timeOf(const fleet::Series& series, std::size_t index);

/// The sample at a time, if there is one within half a step and it is no gap.
std::optional<double> valueAt(const fleet::Series& series, SystemTime at);

/// The last sample that is no gap.
std::optional<std::size_t> lastSample(const fleet::Series& series);

} // namespace perch::widgets
