#include "core/present/model_charts.h"

#include "core/base/number_format.h"
#include "core/present/words.h"

#include <cmath>

namespace perch::present {

namespace {

using fleet::ModelFacts;
using fleet::Series;
using fleet::VersionFacts;

constexpr std::chrono::hours kAccuracyWindow{7 * 24};
constexpr std::chrono::hours kLatencyWindow{24};

SystemTime timeOf(const Series& series, std::size_t index) {
    return series.start +
           std::chrono::duration_cast<std::chrono::milliseconds>(series.step * static_cast<double>(index));
}

std::optional<std::size_t> lastSample(const Series& series) {
    for (std::size_t i = series.values.size(); i-- > 0;) {
        if (series.values[i])
            return i;
    }
    return std::nullopt;
}

/// The part of a series from `start` on, each value times `factor`.
Series cut(const Series& series, SystemTime start, double factor, bool withBand) {
    Series result;
    result.step = series.step;
    const auto scaled = [&](const std::optional<double>& value) {
        return value ? std::optional(*value * factor) : value;
    };
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        if (timeOf(series, i) < start)
            continue;
        if (result.values.empty())
            result.start = timeOf(series, i);
        result.values.push_back(scaled(series.values[i]));
        if (withBand && i < series.low.size() && i < series.high.size()) {
            result.low.push_back(scaled(series.low[i]));
            result.high.push_back(scaled(series.high[i]));
        }
    }
    return result;
}

const Series* seriesOf(const VersionFacts* version, const char* name) {
    if (version == nullptr)
        return nullptr;
    const auto found = version->series.find(name);
    return found != version->series.end() && lastSample(found->second) ? &found->second : nullptr;
}

struct Range {
    double low = 1e300;
    double high = -1e300;
    bool empty() const { return low > high; }
};

Range rangeOf(const std::vector<ChartLine>& lines) {
    Range range;
    for (const ChartLine& line : lines) {
        for (const std::optional<double>& value : line.points.values) {
            range.low = value ? std::min(range.low, *value) : range.low;
            range.high = value ? std::max(range.high, *value) : range.high;
        }
    }
    return range;
}

void setAxis(Chart& chart, double low, double high) {
    const Axis axis = niceAxis(low, high);
    chart.low = axis.low;
    chart.high = axis.high;
    chart.tickStep = axis.step;
}

/// A chart begins with its first sample when there is less than the whole window (a young platform, the demo).
void setTimes(Chart& chart, SystemTime now, std::chrono::hours window) {
    chart.end = now;
    chart.start = now;
    for (const ChartLine& line : chart.lines)
        chart.start = std::min(chart.start, line.points.start);
    chart.start = std::max(chart.start, SystemTime(now - window));
}

void setStale(ChartLine& line, const telemetry::LiveValue& live) {
    const std::optional<std::size_t> last = lastSample(line.points);
    if (!isCurrent(live) && last)
        line.staleSince = timeOf(line.points, *last);
}

Text eventText(const rollout::AuditRecord& record) {
    static const std::map<std::string, Text> words{{"start", PERCH_TEXT("Chart", "canary")},
                                                   {"promote", PERCH_TEXT("Chart", "promoted")},
                                                   {"promote_fully", PERCH_TEXT("Chart", "promoted fully")},
                                                   {"set_weight", PERCH_TEXT("Chart", "weight set")},
                                                   {"pause", PERCH_TEXT("Chart", "paused")},
                                                   {"resume", PERCH_TEXT("Chart", "resumed")},
                                                   {"abort", PERCH_TEXT("Chart", "aborted")},
                                                   {"roll_back", PERCH_TEXT("Chart", "rolled back")},
                                                   {"train", PERCH_TEXT("Chart", "trained")}};
    const auto found = words.find(record.action);
    return found != words.end() ? found->second : Text{};
}

std::vector<ChartEvent> eventsOf(const AuditFacts* audit, const ModelName& model, SystemTime start) {
    constexpr std::size_t kMostEvents = 6;
    std::vector<ChartEvent> events;
    if (audit == nullptr)
        return events;
    for (const rollout::AuditRecord& record : audit->records) {
        const Text text = eventText(record);
        if (record.model == model.text() && record.at >= start && record.result == "done" && !text.empty())
            events.push_back({0, record.at, text});
    }
    if (events.size() > kMostEvents)
        events.erase(events.begin(), events.end() - kMostEvents);
    for (std::size_t i = 0; i < events.size(); ++i)
        events[i].number = static_cast<int>(i + 1);
    return events;
}

void addAccuracyLine(Chart& chart, const VersionFacts* version, SystemTime now, bool band) {
    const Series* series = seriesOf(version, "accuracy");
    if (series == nullptr)
        return;
    ChartLine line;
    line.name = verbatim(version->version.text());
    line.tone = toneOf(version->role);
    line.points = cut(*series, now - kAccuracyWindow, 100, band);
    const std::optional<std::size_t> last = lastSample(line.points);
    if (!last)
        return;
    const telemetry::LiveValue& live = version->quality.accuracy;
    const double value = isCurrent(live) ? *live.value * 100 : *line.points.values[*last];
    line.label = PERCH_TEXT("Chart", "%1 %2", {version->version.text(), formatPercent(value / 100)});
    setStale(line, live);
    chart.lines.push_back(std::move(line));
}

Text sampleNote(const VersionFacts* stable, const VersionFacts* canary) {
    const auto count = [](const VersionFacts* v) { return v != nullptr ? v->quality.accuracy.sampleSize : 0; };
    if (canary != nullptr && stable != nullptr) {
        return PERCH_TEXT("Chart", "%1 labelled requests: %2 %3, %4 %5",
                          {formatCount(count(stable) + count(canary)), stable->version.text(),
                           formatCount(count(stable)), canary->version.text(), formatCount(count(canary))});
    }
    return PERCH_TEXT("Chart", "%1 labelled requests", {formatCount(count(stable))});
}

std::string summaryOf(const Chart& chart) {
    std::string summary = chart.title.english();
    for (const ChartLine& line : chart.lines)
        summary += ", " + line.label.english();
    return summary;
}

} // namespace

Chart makeAccuracyChart(const ModelFacts& model, const AuditFacts* audit, SystemTime now) {
    const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    const VersionFacts* canary = model.route.canary ? model.find(*model.route.canary) : nullptr;
    Chart chart;
    chart.title = PERCH_TEXT("Chart", "Live accuracy");
    chart.note = sampleNote(stable, canary);
    chart.unit = verbatim("\u00a0%");
    addAccuracyLine(chart, stable, now, canary == nullptr);
    addAccuracyLine(chart, canary, now, true);
    setTimes(chart, now, kAccuracyWindow);
    const double limit = model.accuracyLimit * 100;
    chart.limit = limit;
    chart.limitLabel = PERCH_TEXT("Chart", "limit %1", {formatPercent(model.accuracyLimit)});
    const Range range = rangeOf(chart.lines);
    if (range.empty()) {
        const bool down = stable != nullptr && stable->quality.accuracy.state == telemetry::LiveState::SourceDown;
        const bool young = stable != nullptr && isCurrent(stable->quality.accuracy);
        chart.emptyText = down ? PERCH_TEXT("Chart", "The truth store does not answer.")
                          : young
                              ? PERCH_TEXT("Chart", "The first point of the chart is still to come.")
                              : PERCH_TEXT("Chart", "No labels yet. Send them to /v1/feedback with the request id.");
        setAxis(chart, limit - 5, std::min(100.0, limit + 5));
        return chart;
    }
    const double margin = std::max(0.5, (range.high - range.low) * 0.15);
    double low = range.low - margin;
    double high = std::min(100.0, range.high + margin);
    // The limit belongs on the axis unless it would press the lines flat.
    const double reach = std::max(4.0, (range.high - range.low) * 1.5);
    chart.limitOutside = limit < low - reach || limit > high + reach;
    if (!chart.limitOutside) {
        low = std::min(low, limit - 0.5);
        high = std::max(high, std::min(100.0, limit + 0.5));
    } else {
        chart.limitLabel = limit > high
                               ? PERCH_TEXT("Chart", "limit %1 is above this range", {formatPercent(limit / 100)})
                               : PERCH_TEXT("Chart", "limit %1 is below this range", {formatPercent(limit / 100)});
    }
    setAxis(chart, low, high);
    chart.events = eventsOf(audit, model.model, chart.start);
    chart.footnote = PERCH_TEXT("Chart", "band: 95 % interval");
    chart.summary = verbatim(summaryOf(chart));
    return chart;
}

Chart makeLatencyChart(const ModelFacts& model, SystemTime now) {
    Chart chart;
    chart.title = PERCH_TEXT("Chart", "Latency, ms");
    chart.note = PERCH_TEXT("Chart", "p99 solid, p50 dashed");
    for (const std::optional<Version>& version : {model.route.stable, model.route.canary}) {
        const VersionFacts* facts = version ? model.find(*version) : nullptr;
        for (const auto& [name, word, dash] : {std::tuple{"p99_ms", "p99", ChartLine::Dash::Solid},
                                               std::tuple{"p50_ms", "p50", ChartLine::Dash::Secondary}}) {
            const Series* series = seriesOf(facts, name);
            if (series == nullptr)
                continue;
            ChartLine line;
            line.dash = dash;
            line.tone = toneOf(facts->role);
            line.name = verbatim(facts->version.text() + " " + word);
            line.points = cut(*series, now - kLatencyWindow, 1, false);
            const std::optional<std::size_t> last = lastSample(line.points);
            if (!last)
                continue;
            const telemetry::LiveValue& live =
                dash == ChartLine::Dash::Solid ? facts->quality.p99Ms : facts->quality.p50Ms;
            const double value = isCurrent(live) ? *live.value : *line.points.values[*last];
            line.label = PERCH_TEXT("Chart", "%1 %2 %3", {facts->version.text(), word, formatDecimal(value, 1)});
            setStale(line, live);
            chart.lines.push_back(std::move(line));
        }
    }
    setTimes(chart, now, kLatencyWindow);
    chart.limit = model.p99LimitMs;
    const Range range = rangeOf(chart.lines);
    if (range.empty()) {
        const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
        chart.emptyText = stable != nullptr && isCurrent(stable->quality.p99Ms)
                              ? PERCH_TEXT("Chart", "The first point of the chart is still to come.")
                              : PERCH_TEXT("Chart", "No request has been measured yet.");
        setAxis(chart, 0, model.p99LimitMs);
        return chart;
    }
    setAxis(chart, 0, range.high * 1.25);
    chart.limitOutside = model.p99LimitMs > chart.high;
    const std::string limit = formatDecimal(model.p99LimitMs, 0);
    chart.limitLabel = chart.limitOutside ? PERCH_TEXT("Chart", "limit %1\u00a0ms is above this range", {limit})
                                          : PERCH_TEXT("Chart", "limit %1\u00a0ms", {limit});
    chart.summary = verbatim(summaryOf(chart));
    return chart;
}

int rampLevel(double psi) {
    int level = 0;
    for (const double edge : kRampEdges)
        level += psi >= edge ? 1 : 0;
    return level;
}

namespace {

/// Each cell is the slice of time that ends with its value.
std::vector<HeatStrip::Mark> alertMarks(const telemetry::Quality& quality, telemetry::DriftRange range) {
    const auto position = static_cast<std::size_t>(range);
    const Series& history = quality.features.front().history[position];
    std::vector<HeatStrip::Mark> marks;
    if (history.values.empty() || history.step.count() <= 0)
        return marks;
    for (const SystemTime began : quality.driftAlerts[position]) {
        const double at =
            (Seconds(began - history.start) / history.step + 1) / static_cast<double>(history.values.size());
        if (at >= 0 && at <= 1)
            marks.push_back({at, PERCH_TEXT("Chart", "drift alert, %1", {dayTime(began)})});
    }
    return marks;
}

} // namespace

HeatStrip makeHeatStrip(const ModelFacts& model, std::size_t mostRows, telemetry::DriftRange range) {
    HeatStrip strip;
    const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    if (stable == nullptr || stable->quality.features.empty()) {
        strip.emptyText = stable != nullptr && stable->quality.drift.state == telemetry::LiveState::SourceDown
                              ? PERCH_TEXT("Chart", "Prometheus does not answer.")
                              : PERCH_TEXT("Chart", "No feature has been counted yet.");
        return strip;
    }
    strip.limit = model.driftLimit;
    strip.note = PERCH_TEXT("Chart", "PSI, dot = over %1", {formatDecimal(model.driftLimit, 2)});
    for (const fleet::FeatureDrift& feature : stable->quality.features) {
        if (strip.rows.size() == mostRows)
            break;
        HeatStrip::Row row;
        row.feature = feature.feature;
        const Series& history = feature.history[static_cast<std::size_t>(range)];
        if (strip.rows.empty() && !history.values.empty())
            strip.startLabel = verbatim(history.step * static_cast<double>(history.values.size()) > Seconds(86'400)
                                            ? dayOnly(history.start)
                                            : hourMinute(history.start));
        for (const std::optional<double>& psi : history.values) {
            row.levels.push_back(psi ? rampLevel(*psi) : -1);
            row.over.push_back(psi && *psi > model.driftLimit);
        }
        row.value = quantityCell(verbatim(feature.feature), feature.psi, Unit::Decimal2, feature.psi.age);
        if (isCurrent(feature.psi) && *feature.psi.value > model.driftLimit) {
            row.value.tone = Tone::Fail;
            row.value.state = State::Fail;
        }
        strip.rows.push_back(std::move(row));
    }
    strip.endLabel = PERCH_TEXT("Chart", "now");
    strip.marks = alertMarks(stable->quality, range);
    return strip;
}

} // namespace perch::present
