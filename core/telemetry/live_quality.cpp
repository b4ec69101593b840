#include "core/telemetry/live_quality.h"

#include "core/stats/intervals.h"
#include "core/telemetry/drift_alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace perch::telemetry {

namespace {

constexpr const char* kByVersion = "model, model_version";

std::string label(const Labels& labels, const char* name) {
    const auto found = labels.find(name);
    return found == labels.end() ? std::string() : found->second;
}

SeriesKey keyOf(const Labels& labels) {
    return {label(labels, "model"), label(labels, "model_version")};
}

/// A duration as PromQL takes it: whole milliseconds.
std::string duration(Seconds seconds) {
    return fmt::format("{}ms", std::max<std::int64_t>(1, std::llround(seconds.count() * 1e3)));
}

/// What a counter gained in a window, exactly: increase() extrapolates to the window's ends and can double the count of
/// a series that is younger than the window. A series that was not there then began at zero; one that was reset
/// counts from its reset.
std::string gainOf(const std::string& selector, const std::string& by, Seconds window) {
    return fmt::format("sum by ({0}) (({1} - ({1} offset {2}) >= 0) or {1})", by, selector, duration(window));
}

/// As far back as Prometheus looks for the last sample before a moment.
constexpr Seconds kLookBack{300};
constexpr int kHistoryReads = 10; ///< of a history in the time of one of its steps

std::string latencyQuantile(double quantile, const std::string& window) {
    return fmt::format("histogram_quantile({}, sum by (le, {}) (rate(model_prediction_latency_seconds_bucket[{}])))",
                       quantile, kByVersion, window);
}

/// Puts a range onto equal steps; a missing or undefined point is a gap.
Series toSeries(const RangeSeries& range, SystemTime start, Seconds step, int steps, double factor = 1) {
    Series series{start, step, std::vector<std::optional<double>>(static_cast<std::size_t>(steps))};
    for (const auto& [at, value] : range.points) {
        const double offset = std::chrono::duration<double>(at - start).count() / step.count();
        const auto index = static_cast<std::int64_t>(std::llround(offset));
        if (index >= 0 && index < steps && std::isfinite(value))
            series.values[static_cast<std::size_t>(index)] = value * factor;
    }
    return series;
}

/// Accuracy with its interval, from the sums of right and of all labelled requests.
Series accuracySeries(const Series& right, const Series& all) {
    Series accuracy{all.start, all.step};
    for (std::size_t i = 0; i < all.values.size(); ++i) {
        const double trials = std::round(all.values[i].value_or(0));
        const double successes = std::min(trials, std::round(right.values[i].value_or(0)));
        const auto interval =
            stats::wilsonInterval(static_cast<std::uint64_t>(successes), static_cast<std::uint64_t>(trials));
        accuracy.values.push_back(interval ? std::optional(successes / trials) : std::nullopt);
        accuracy.low.push_back(interval ? std::optional(interval->low) : std::nullopt);
        accuracy.high.push_back(interval ? std::optional(interval->high) : std::nullopt);
    }
    return accuracy;
}

double epochSeconds(SystemTime time) {
    return static_cast<double>(toMillis(time)) / 1e3;
}

} // namespace

std::string gainSince(const std::string& selector, const std::string& by, SystemTime since, SystemTime now) {
    const Seconds window = Seconds(now - since);
    const std::string last = fmt::format("last_over_time({}[{}])", selector, duration(window));
    const std::string first =
        fmt::format("last_over_time({}[{}] @ {:.3f})", selector, duration(kLookBack), epochSeconds(since));
    // The window of resets() reaches back to the sample that is subtracted.
    const std::string unbroken = fmt::format("resets({}[{}]) == 0", selector, duration(window + kLookBack));
    return fmt::format("sum by ({}) ((({} - {}) and {}) or (({} unless {}) and {}) or increase({}[{}]))", by, last,
                       first, unbroken, last, first, unbroken, selector, duration(window));
}

LiveQuality::LiveQuality(std::string prometheusUrl, Options options)
    : m_options(options), m_client(std::move(prometheusUrl)) {}

std::string LiveQuality::increaseOf(const std::string& metric, const std::string& by) const {
    return fmt::format("sum by ({}, {}) (increase({}[{}]))", kByVersion, by, metric,
                       duration(m_options.freshness.window));
}

Result<std::map<SeriesKey, QualitySums>> LiveQuality::readSums(std::stop_token stop) {
    std::map<SeriesKey, QualitySums> all;
    using Take = std::function<void(QualitySums&, const Sample&)>;
    const auto each = [&](const std::string& expression, const Take& take) -> Result<void> {
        for (const Sample& sample : TRY(m_client.query(expression, stop))) {
            if (std::isfinite(sample.value))
                take(all[keyOf(sample.labels)], sample);
        }
        return {};
    };
    const auto maximumOf = [](const char* metric, const char* by) {
        return fmt::format("max by ({}{}) ({})", kByVersion, by, metric);
    };
    // The age of the last sample inside the window, also when the target is gone meanwhile.
    const Seconds scrape = m_options.freshness.scrapeInterval;
    const auto ageOf = [&](const char* selector) {
        return fmt::format("time() - max by ({}) (max_over_time(timestamp({})[{}:{}]))", kByVersion, selector,
                           duration(m_options.freshness.window), duration(scrape));
    };

    TRY(each(increaseOf("ml_requests_total", "outcome"),
             [](QualitySums& sums, const Sample& s) { sums.requests[label(s.labels, "outcome")] = s.value; }));
    const std::string byClasses = fmt::format("{}, truth, predicted", kByVersion);
    TRY(each(gainOf("ml_labelled_total", byClasses, m_options.freshness.window),
             [](QualitySums& sums, const Sample& s) {
                 sums.labelled[{label(s.labels, "truth"), label(s.labels, "predicted")}] = s.value;
             }));
    const std::string window = duration(m_options.freshness.window);
    TRY(each(latencyQuantile(0.5, window), [](QualitySums& sums, const Sample& s) { sums.p50Seconds = s.value; }));
    TRY(each(latencyQuantile(0.99, window), [](QualitySums& sums, const Sample& s) { sums.p99Seconds = s.value; }));
    TRY(each(increaseOf("ml_feature_bin_total", "feature, bin"), [](QualitySums& sums, const Sample& s) {
        sums.features[label(s.labels, "feature")].rows[label(s.labels, "bin")] = s.value;
    }));
    TRY(each(maximumOf("ml_feature_reference_ratio", ", feature, bin"), [](QualitySums& sums, const Sample& s) {
        sums.features[label(s.labels, "feature")].referenceRatio[label(s.labels, "bin")] = s.value;
    }));
    TRY(each(maximumOf("ml_feature_importance_ratio", ", feature"), [](QualitySums& sums, const Sample& s) {
        sums.features[label(s.labels, "feature")].importance = s.value;
    }));
    TRY(each(maximumOf("ml_feature_reference_rows", ""),
             [](QualitySums& sums, const Sample& s) { sums.referenceRows = s.value; }));
    TRY(each(ageOf("ml_requests_total"),
             [](QualitySums& sums, const Sample& s) { sums.requestAge = Seconds(s.value); }));
    TRY(each(ageOf("ml_labelled_total"), [](QualitySums& sums, const Sample& s) { sums.labelAge = Seconds(s.value); }));
    return all;
}

Result<std::map<SeriesKey, QualitySums>> LiveQuality::readRollout(const std::string& model, const RolloutSpan& span,
                                                                  SystemTime now, std::stop_token stop) {
    const std::string selector = fmt::format("{{model=\"{}\",role=~\"stable|canary\"}}", model);
    const std::string remembered =
        fmt::format("(count(last_over_time(up[{}] @ {:.3f})) > 0)", duration(kLookBack), epochSeconds(span.began));
    std::map<SeriesKey, QualitySums> sums;
    const auto each = [&](const char* metric, const char* by,
                          const std::function<void(QualitySums&, const Sample&)>& take) -> Result<void> {
        // Where Prometheus has nothing from then, a series that was there looks like one that began since.
        const std::string gain =
            gainSince(metric + selector, fmt::format("{}, role, {}", kByVersion, by), span.began, now);
        for (const Sample& sample : TRY(m_client.query(fmt::format("{} and on () {}", gain, remembered), stop))) {
            const SeriesKey key = keyOf(sample.labels);
            const std::string role = label(sample.labels, "role");
            // A version may have answered in another role before or beside, as a shadow for example.
            const bool counts = role == "canary" ? key.version == span.canary : key.version == span.stable;
            if (counts && key.model == model && std::isfinite(sample.value))
                take(sums[key], sample);
        }
        return {};
    };
    TRY(each("ml_requests_total", "outcome",
             [](QualitySums& to, const Sample& s) { to.requests[label(s.labels, "outcome")] = s.value; }));
    TRY(each("ml_labelled_total", "truth, predicted", [](QualitySums& to, const Sample& s) {
        to.labelled[{label(s.labels, "truth"), label(s.labels, "predicted")}] = s.value;
    }));
    return sums;
}

void LiveQuality::readRollouts(const std::map<SeriesKey, QualitySums>& sums,
                               std::map<SeriesKey, VersionReading>& versions, SystemTime now, std::stop_token stop) {
    std::erase_if(m_counted, [&](const auto& entry) { return !m_rollouts.contains(entry.first); });
    for (const auto& [model, span] : m_rollouts) {
        RolloutCount& counted = m_counted[model];
        // The query looks at all samples since the start, so it is asked for less often the longer that is ago.
        if (!counted.answered || counted.span != span ||
            Seconds(now - counted.readAt) >= Seconds(now - span.began) / 1'000) {
            auto read = readRollout(model, span, now, stop);
            counted = {span, now, read.has_value(), read ? *std::move(read) : std::move(counted.sums)};
        }
        Freshness freshness = m_options.freshness;
        freshness.window = Seconds(counted.readAt - span.began);
        for (const std::string& version : {span.stable, span.canary}) {
            const SeriesKey key{model, version};
            QualitySums counts = counted.sums[key];
            if (const auto live = sums.find(key); live != sums.end()) {
                counts.requestAge = live->second.requestAge;
                counts.labelAge = live->second.labelAge;
            }
            const Quality quality = qualityOf(counts, {}, freshness);
            SinceStart& since = versions[key].sinceStart;
            since = {quality.accuracy, quality.errorRate};
            if (!counted.answered)
                markSourceDown(since, Seconds(0));
        }
    }
}

Result<void> LiveQuality::readWeights(std::map<SeriesKey, VersionReading>& versions, std::stop_token stop) {
    const auto samples = TRY(
        m_client.query(gainOf("ml_requests_total{role=~\"stable|canary\"}", kByVersion, m_options.weightWindow), stop));
    std::map<std::string, double> totals;
    for (const Sample& sample : samples)
        totals[label(sample.labels, "model")] += sample.value;
    Freshness freshness = m_options.freshness;
    freshness.window = m_options.weightWindow;
    for (const Sample& sample : samples) {
        VersionReading& reading = versions[keyOf(sample.labels)];
        const LiveValue& requests = reading.quality.requestsPerSecond;
        const auto age = requests.state == LiveState::NoData ? std::nullopt : std::optional(requests.age);
        reading.realWeight = shareValue(sample.value, totals[label(sample.labels, "model")], age, freshness);
    }
    return {};
}

const QualityReading& LiveQuality::read(const std::map<std::string, std::string>& positives, SystemTime now,
                                        std::stop_token stop) {
    const auto sums = readSums(stop);
    if (!sums) {
        keepLast(sums.error(), now);
        return m_last;
    }
    std::map<SeriesKey, VersionReading> versions;
    for (const auto& [key, sum] : *sums) {
        const auto positive = positives.find(key.model);
        VersionReading reading;
        reading.quality =
            qualityOf(sum, positive == positives.end() ? std::string() : positive->second, m_options.freshness);
        if (const auto last = m_last.versions.find(key); last != m_last.versions.end()) {
            reading.series = last->second.series;
            reading.quality.driftAlerts = last->second.quality.driftAlerts;
            for (FeatureDrift& feature : reading.quality.features) {
                const auto& before = last->second.quality.features;
                const auto same = std::ranges::find(before, feature.feature, &FeatureDrift::feature);
                if (same != before.end())
                    feature.history = same->history;
            }
        }
        versions[key] = std::move(reading);
    }
    if (const auto weights = readWeights(versions, stop); !weights) {
        keepLast(weights.error(), now);
        return m_last;
    }
    readRollouts(*sums, versions, now, stop);
    m_last = {std::move(versions), true, {}, now};
    m_lastTry = now;
    return m_last;
}

void LiveQuality::keepLast(const Error& error, SystemTime now) {
    const Seconds since = m_lastTry == SystemTime{} ? Seconds(0) : Seconds(now - m_lastTry);
    for (auto& [key, reading] : m_last.versions) {
        markSourceDown(reading.quality, since);
        markSourceDown(reading.sinceStart, since);
        markSourceDown(reading.realWeight, since);
    }
    m_last.sourceUp = false;
    m_last.problem = error.message;
    m_lastTry = now;
}

Result<void> LiveQuality::readAllSeries(SystemTime now, std::stop_token stop) {
    const int steps = std::max(2, m_options.chartSteps);
    const Seconds step = m_options.chartWindow / steps;
    const auto stepMillis = std::chrono::milliseconds(std::max<std::int64_t>(1, std::llround(step.count() * 1e3)));
    // Aligned to whole steps, so that a point does not change its value from one reading to the next.
    const SystemTime end = fromMillis(toMillis(now) / stepMillis.count() * stepMillis.count());
    const SystemTime start = end - stepMillis * (steps - 1);
    const std::string window =
        duration(std::max(m_options.freshness.window / 2, m_options.freshness.scrapeInterval * 4));

    const auto range = [&](const std::string& expression, const char* name, double factor) -> Result<void> {
        for (const RangeSeries& found : TRY(m_client.queryRange(expression, start, end, stepMillis, stop))) {
            const auto version = m_last.versions.find(keyOf(found.labels));
            if (version != m_last.versions.end())
                version->second.series[name] = toSeries(found, start, stepMillis, steps, factor);
        }
        return {};
    };
    const auto labelled = [&](const char* outcomes) {
        return fmt::format("sum by ({}) (increase(ml_predictions_total{{outcome=~\"{}\"}}[{}]))", kByVersion, outcomes,
                           window);
    };
    TRY(range(labelled("correct"), "labelled_right", 1));
    TRY(range(labelled("correct|incorrect"), "labelled_all", 1));
    TRY(range(latencyQuantile(0.5, window), "p50_ms", 1e3));
    TRY(range(latencyQuantile(0.99, window), "p99_ms", 1e3));
    TRY(range(fmt::format("sum by ({}) (rate(ml_requests_total[{}]))", kByVersion, window), "requests_per_second", 1));
    for (auto& [key, reading] : m_last.versions) {
        auto& series = reading.series;
        if (series.contains("labelled_right") && series.contains("labelled_all"))
            series["accuracy"] = accuracySeries(series["labelled_right"], series["labelled_all"]);
        series.erase("labelled_right");
        series.erase("labelled_all");
    }
    for (const DriftRange reach : {DriftRange::Day, DriftRange::Week, DriftRange::Month})
        TRY(readDriftHistory(reach, now, stop));
    return {};
}

/// Of each step the last value. The longer ranges move slowly, so they are read a few times per step only.
Result<void> LiveQuality::readDriftHistory(DriftRange range, SystemTime now, std::stop_token stop) {
    const auto position = static_cast<std::size_t>(range);
    const int slices = std::max(1, m_options.historySteps[position]);
    const Seconds window =
        range == DriftRange::Day ? m_options.chartWindow : m_options.historyWindows[position - 1];
    const auto slice = std::chrono::milliseconds(std::max<std::int64_t>(1, std::llround(window.count() * 1e3 / slices)));
    SystemTime& readAt = m_historyReadAt[position];
    if (range != DriftRange::Day && now - readAt < slice / kHistoryReads && knowsHistory(position))
        return {};
    // Aligned, so that a cell does not change its value from one reading to the next.
    const auto grid = std::max<std::int64_t>(1, (slice / kHistoryReads).count());
    const SystemTime end = fromMillis(toMillis(now) / grid * grid);
    const SystemTime first = end - slice * (slices - 1);
    const auto read = TRY(m_client.queryRange("ml_feature_drift_score", first, end, slice, stop));
    for (auto& [key, version] : m_last.versions) {
        for (FeatureDrift& feature : version.quality.features)
            feature.history[position] = {
                first, slice, std::vector<std::optional<double>>(static_cast<std::size_t>(slices))};
    }
    for (const RangeSeries& found : read) {
        const auto version = m_last.versions.find(keyOf(found.labels));
        if (version == m_last.versions.end())
            continue;
        auto& features = version->second.quality.features;
        const auto feature = std::ranges::find(features, label(found.labels, "feature"), &FeatureDrift::feature);
        if (feature != features.end())
            feature->history[position] = toSeries(found, first, slice, slices);
    }
    const auto alerts = TRY(m_client.queryRange(driftAlertTimes(slice), first, end, slice, stop));
    for (auto& [key, version] : m_last.versions)
        version.quality.driftAlerts[position].clear();
    for (const RangeSeries& found : alerts) {
        if (const auto version = m_last.versions.find(keyOf(found.labels)); version != m_last.versions.end())
            version->second.quality.driftAlerts[position] = alertBeginnings(found, first, slice);
    }
    readAt = now;
    return {};
}

/// Whether every feature that is counted has been asked for in this range.
bool LiveQuality::knowsHistory(std::size_t range) const {
    return std::ranges::all_of(m_last.versions, [range](const auto& entry) {
        return std::ranges::none_of(entry.second.quality.features, [range](const FeatureDrift& feature) {
            return feature.history[range].values.empty();
        });
    });
}

void LiveQuality::readSeries(SystemTime now, std::stop_token stop) {
    if (!m_last.sourceUp)
        return;
    if (const auto read = readAllSeries(now, stop); !read)
        keepLast(read.error(), now);
}

} // namespace perch::telemetry
