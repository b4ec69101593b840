#pragma once

#include "core/telemetry/live_value.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::telemetry {

/// A series for charts: one value per step, oldest first; a gap is nothing.
struct Series {
    SystemTime start{};
    Seconds step{0};
    std::vector<std::optional<double>> values = {};
    std::vector<std::optional<double>> low = {};  ///< empty, or the 95 % interval of each value
    std::vector<std::optional<double>> high = {};
};

/// How far back the drift of a feature is kept: the window of the charts, a week, a month.
enum class DriftRange { Day, Week, Month };
inline constexpr std::size_t kDriftRanges = 3;

/// Rows in one bin of a feature over the window, as shares of the rows.
struct LiveBin {
    std::string label; ///< as in data::FeatureBins
    double reference = 0, current = 0;
};

/// Drift of one feature over the window.
struct FeatureDrift {
    std::string feature;
    double importance = 0; ///< share of gain, 0 to 1
    LiveValue psi;         ///< bias-corrected
    std::vector<LiveBin> bins = {}; ///< that the PSI is made of, in the order of their labels; empty without requests
    std::array<Series, kDriftRanges> history = {}; ///< psi, by DriftRange
};

/// Everything live about one version.
struct Quality {
    LiveValue accuracy, precision, recall, f1, drift, p50Ms, p99Ms, errorRate, requestsPerSecond;
    std::vector<FeatureDrift> features = {}; ///< most harmful (importance x psi) first
    /// When the drift alert began to fire within the reach of each history, oldest first.
    std::array<std::vector<SystemTime>, kDriftRanges> driftAlerts = {};
};

/// What a version has shown since its rollout began: shares over all that was counted, not over a window that slides.
struct SinceStart {
    LiveValue accuracy;  ///< of the labelled requests
    LiveValue errorRate; ///< of all requests
};

/// A version as the metrics name it.
struct SeriesKey {
    std::string model;
    std::string version; ///< `v7`
    auto operator<=>(const SeriesKey&) const = default;
};

} // namespace perch::telemetry
