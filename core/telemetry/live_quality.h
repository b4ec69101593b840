#pragma once

#include "core/telemetry/prometheus_client.h"
#include "core/telemetry/quality_sums.h"

#include <map>
#include <string>

namespace perch::telemetry {

/// What is read for one version.
struct VersionReading {
    Quality quality;
    LiveValue realWeight;                 ///< share of the model's live requests, 0 to 1
    std::map<std::string, Series> series; ///< `accuracy` (with interval), `p50_ms`, `p99_ms`, `requests_per_second`
};

/// One reading of all versions of all models.
struct QualityReading {
    std::map<SeriesKey, VersionReading> versions;
    bool sourceUp = false;
    std::string problem;  ///< one sentence, if the source is not up
    SystemTime readAt{};  ///< when the values were read; stays when the source goes down
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
        int historySteps = 12;    ///< of the drift history per feature
    };

    LiveQuality(std::string prometheusUrl, Options options);

    /// `positives`: model -> the class that precision and recall are about.
    const QualityReading& read(const std::map<std::string, std::string>& positives, SystemTime now,
                               std::stop_token stop);
    /// Renews the series of the last reading; dearer, so asked for less often.
    void readSeries(SystemTime now, std::stop_token stop);

    /// The split is measured over a shorter window right after it changed.
    void setWeightWindow(Seconds window) { m_options.weightWindow = window; }
    /// How far back the series of charts reach.
    void setChartWindow(Seconds window) { m_options.chartWindow = window; }
    const QualityReading& last() const { return m_last; }
    PrometheusClient& client() { return m_client; }

private:
    Result<std::map<SeriesKey, QualitySums>> readSums(std::stop_token stop);
    Result<void> readWeights(std::map<SeriesKey, VersionReading>& versions, std::stop_token stop);
    Result<void> readAllSeries(SystemTime now, std::stop_token stop);
    void keepLast(const Error& error, SystemTime now);
    std::string increaseOf(const std::string& metric, const std::string& by) const;

    Options m_options;
    PrometheusClient m_client;
    QualityReading m_last;
    SystemTime m_lastTry{};
};

} // namespace perch::telemetry
