#pragma once

#include "core/telemetry/quality.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace perch::telemetry {

/// The sums of one version's counters over a window, over all its replicas: the truth that quantities are made from
/// (decision 2 of ARCHITECTURE.md). Pure arithmetic from here on.
struct QualitySums {
    std::map<std::pair<std::string, std::string>, double> labelled; ///< (truth, predicted) -> requests
    std::map<std::string, double> requests;                         ///< outcome -> requests
    std::optional<double> p50Seconds, p99Seconds;

    struct Feature {
        double importance = 0;
        std::map<std::string, double> referenceRatio; ///< bin -> share of the reference
        std::map<std::string, double> rows;           ///< bin -> requests
    };
    std::map<std::string, Feature> features;
    double referenceRows = 0;

    std::optional<Seconds> requestAge; ///< since the last sample of the replicas; nothing: never seen in the window
    std::optional<Seconds> labelAge;   ///< since the last sample of the truth store
};

/// How values become old: stale after 2 scrape intervals, their source down after 5.
struct Freshness {
    Seconds window{3600};
    Seconds scrapeInterval{5};
};

/// The state of a value whose last sample has this age.
LiveState stateOfAge(std::optional<Seconds> age, Seconds scrapeInterval);

/// All quantities of a version. `positive` is the class that precision and recall are about; empty: none is given.
Quality qualityOf(const QualitySums& sums, const std::string& positive, const Freshness& freshness);

/// A share with its Wilson interval; no data without trials.
LiveValue shareValue(double successes, double trials, std::optional<Seconds> age, const Freshness& freshness);

/// A copy of a reading that could not be renewed: the values stay, older by `by`, and their source is down.
void markSourceDown(Quality& quality, Seconds by);
void markSourceDown(SinceStart& since, Seconds by);
void markSourceDown(LiveValue& value, Seconds by);

} // namespace perch::telemetry
