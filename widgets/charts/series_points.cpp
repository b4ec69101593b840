#include "widgets/charts/series_points.h"

#include <cmath>
#include <limits>

namespace perch::widgets {

SystemTime timeOf(const fleet::Series& series, std::size_t index) {
    return series.start +
           std::chrono::duration_cast<std::chrono::milliseconds>(series.step * static_cast<double>(index));
}

QList<QPointF> toPoints(const fleet::Series& series, const std::vector<std::optional<double>>& values) {
    QList<QPointF> points;
    points.reserve(static_cast<qsizetype>(values.size()));
    const double start = static_cast<double>(toMillis(series.start)), step = series.step.count() * 1'000;
    for (std::size_t index = 0; index < values.size(); ++index)
        points.append({start + step * static_cast<double>(index),
            values[index].value_or(std::numeric_limits<double>::quiet_NaN())});
    return points;
}

std::optional<double> valueAt(const fleet::Series& series, SystemTime at) {
    if (series.step.count() <= 0)
        return {};
    const double index = std::round(Seconds(at - series.start) / series.step);
    if (index < 0 || index >= static_cast<double>(series.values.size()))
        return {};
    return series.values[static_cast<std::size_t>(index)];
}

std::optional<std::size_t> lastSample(const fleet::Series& series) {
    for (std::size_t index = series.values.size(); index-- > 0;)
        if (series.values[index])
            return index;
    return {};
}

} // namespace perch::widgets
