#pragma once

#include "core/telemetry/prometheus_client.h"
#include "core/telemetry/quality_sums.h"

#include <map>
#include <string>

namespace perch::telemetry {

/// A rollout whose two versions are compared over all of its time.
struct RolloutSpan {
    SystemTime began{};
    std::string stable; ///< `v7`
    std::string canary;
    bool operator==(const RolloutSpan&) const = default;
};

/// What is read for one version.
struct VersionReading {
    Quality quality;
    SinceStart sinceStart;                ///< no data unless its model has a span
    LiveValue realWeight;                 ///< share of the model's live requests, 0 to 1
    std::map<std::string, Series> series; ///< `accuracy` (with interval), `p50_ms`, `p99_ms`, `requests_per_second`
};

/// One reading of all versions of all models.
struct QualityReading {
    std::map<SeriesKey, VersionReading> versions;
    bool sourceUp = false;
    std::string problem; ///< one sentence, if the source is not up
    SystemTime readAt{}; ///< when the values were read; stays when the source goes down
};

/// Reads the live quantities of every version from Prometheus, with a fixed number of queries for the whole fleet.
/// When Prometheus does not answer, the last values stay, with their age and the state `source_down`.
/// One thread at a time; a call blocks for at most the client's deadline per query.
class LiveQuality {
public:
    struct Options {
        Freshness freshness = {};
        Seconds weightWindow{60}; ///< over which the split that really happens is measured
        Seconds chartWindow{24 * 3600};
        int chartSteps = 120;
        /// Steps of the drift history per feature by DriftRange, and how far back it reaches beyond the charts.
        std::array<int, kDriftRanges> historySteps{12, 28, 30};
        std::array<Seconds, 2> historyWindows{Seconds(7 * 86'400), Seconds(30 * 86'400)};
    };

    LiveQuality(std::string prometheusUrl, Options options);

    /// `positives`: model -> the class that precision and recall are about.
    const QualityReading& read(const std::map<std::string, std::string>& positives, SystemTime now,
                               std::stop_token stop);
    /// Renews the series of the last reading; dearer, so asked for less often.
    void readSeries(SystemTime now, std::stop_token stop);

    /// The rollouts that run, by model: two queries more for each, a thousand times over its time at most.
    void setRollouts(std::map<std::string, RolloutSpan> rollouts) { m_rollouts = std::move(rollouts); }
    /// The split is measured over a shorter window right after it changed.
    void setWeightWindow(Seconds window) { m_options.weightWindow = window; }
    /// How far back the series of charts reach.
    void setChartWindow(Seconds window) { m_options.chartWindow = window; }
    const QualityReading& last() const { return m_last; }
    PrometheusClient& client() { return m_client; }

private:
    Result<std::map<SeriesKey, QualitySums>> readSums(std::stop_token stop);
    Result<void> readWeights(std::map<SeriesKey, VersionReading>& versions, std::stop_token stop);
    Result<std::map<SeriesKey, QualitySums>> readRollout(const std::string& model, const RolloutSpan& span,
                                                         SystemTime now, std::stop_token stop);
    void readRollouts(const std::map<SeriesKey, QualitySums>& sums, std::map<SeriesKey, VersionReading>& versions,
                      SystemTime now, std::stop_token stop);
    Result<void> readAllSeries(SystemTime now, std::stop_token stop);
    Result<void> readDriftHistory(DriftRange range, SystemTime now, std::stop_token stop);
    bool knowsHistory(std::size_t range) const;
    void keepLast(const Error& error, SystemTime now);
    std::string increaseOf(const std::string& metric, const std::string& by) const;

    /// What a rollout has counted, and when that was read.
    struct RolloutCount {
        RolloutSpan span;
        SystemTime readAt{};
        bool answered = false;
        std::map<SeriesKey, QualitySums> sums;
    };

    Options m_options;
    PrometheusClient m_client;
    QualityReading m_last;
    std::map<std::string, RolloutSpan> m_rollouts;
    std::map<std::string, RolloutCount> m_counted; ///< by model
    SystemTime m_lastTry{};
    std::array<SystemTime, kDriftRanges> m_historyReadAt{};
};

/// PromQL of what a counter gained since a moment until now, exactly where it can be, summed by the labels `by`. No
/// element for a model without any series then; the caller must know that Prometheus scraped at `since` at all.
///
/// increase() sees resets, but extrapolates to the ends of its window and loses what a new series starts with. So:
///   - a series that was there then and never fell: its last sample less the last one before the moment;
///   - one that was not there then (a new replica, a new pair of labels): it began at zero, its last sample counts;
///   - one that fell meanwhile (a process came back under the same address): increase() adds what it had before each
///     fall; what it counted between a last scrape and its end is lost with it, and the extrapolation is of one scrape
///     interval at either end at most. The result is never negative.
/// A replica that is gone keeps its share, because its last sample stays in the window.
std::string gainSince(const std::string& selector, const std::string& by, SystemTime since, SystemTime now);

} // namespace perch::telemetry
