#include "widgets/charts/chart_layout.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <numeric>

namespace perch::widgets {

QList<double> spreadLabels(const QList<double>& centers, double height, double top, double bottom) {
    const auto count = centers.size();
    QList<qsizetype> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return centers[a] < centers[b]; });
    QList<double> placed(count);
    double floor = top + height / 2;
    for (const auto index : order) {
        placed[index] = std::max(centers[index], floor);
        floor = placed[index] + height;
    }
    double ceiling = bottom - height / 2;
    for (auto index = order.rbegin(); index != order.rend(); ++index) {
        placed[*index] = std::min(placed[*index], ceiling);
        ceiling = placed[*index] - height;
    }
    return placed;
}

QList<TimeTick> timeTicks(SystemTime start, SystemTime end, int most) {
    constexpr std::int64_t kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
    constexpr std::array<std::int64_t, 20> kSteps{kSecond, 5 * kSecond, 10 * kSecond, 30 * kSecond, kMinute,
        2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 2 * kHour, 3 * kHour, 6 * kHour,
        12 * kHour, kDay, 2 * kDay, 7 * kDay, 14 * kDay, 28 * kDay};
    QList<TimeTick> ticks;
    const std::int64_t from = toMillis(start), to = toMillis(end);
    if (to <= from || most < 1)
        return ticks;
    const auto fits = [&](std::int64_t step) { return to / step - (from + step - 1) / step < most; };
    const auto found = std::find_if(kSteps.begin(), kSteps.end(), fits);
    const std::int64_t step = found == kSteps.end() ? kSteps.back() : *found;
    const QString format = step >= kDay      ? QStringLiteral("d MMM")
                           : step >= kMinute ? QStringLiteral("HH:mm")
                                             : QStringLiteral("HH:mm:ss");
    for (std::int64_t at = (from + step - 1) / step * step; at <= to && ticks.size() < most; at += step) {
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(at, Qt::UTC);
        ticks.append({fromMillis(at), QLocale::c().toString(time, format)});
    }
    return ticks;
}

} // namespace perch::widgets
