#pragma once

#include "core/base/clock.h"
#include "core/http/client.h"

#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace perch::telemetry {

using Labels = std::map<std::string, std::string>;

/// One element of an instant vector. `value` may be NaN or infinite, as Prometheus sent it.
struct Sample {
    Labels labels;
    double value = 0;
    SystemTime at{};
};

/// One series of a range matrix.
struct RangeSeries {
    Labels labels;
    std::vector<std::pair<SystemTime, double>> points;
};

/// Prometheus refuses ranges with more points per series.
inline constexpr int kMaximumPoints = 11'000;

/// The query API of one Prometheus (or Thanos, Mimir). Not thread-safe: one per thread.
/// Errors: Unavailable or Timeout when it does not answer (or answers 503), InvalidInput when it refuses the query
/// (400, 422) with its own words, Corrupt when the answer is not what the API promises.
class PrometheusClient {
public:
    /// `baseUrl` without a trailing slash, e.g. `http://127.0.0.1:9090`.
    explicit PrometheusClient(std::string baseUrl, std::chrono::milliseconds deadline = std::chrono::seconds(5));

    Result<std::vector<Sample>> query(const std::string& expression, std::stop_token stop = {});
    /// The step is widened so that the range holds at most kMaximumPoints.
    Result<std::vector<RangeSeries>> queryRange(const std::string& expression, SystemTime start, SystemTime end,
                                                Seconds step, std::stop_token stop = {});
    /// Names of the alerts that fire now with their labels (`alertname`, `model`...); pending ones are left out.
    Result<std::vector<Labels>> firingAlerts(std::stop_token stop = {});

    /// Partial-data warnings of the last answer (Thanos).
    const std::vector<std::string>& warnings() const { return m_warnings; }
    const std::string& baseUrl() const { return m_baseUrl; }

private:
    Result<std::string> post(const std::string& path, const std::string& body, std::stop_token stop);

    std::string m_baseUrl;
    std::chrono::milliseconds m_deadline;
    http::Client m_client;
    std::vector<std::string> m_warnings;
};

/// The parsing half, for the text of an answer.
Result<std::vector<Sample>> parseVector(std::string_view answer, std::vector<std::string>* warnings = nullptr);
Result<std::vector<RangeSeries>> parseMatrix(std::string_view answer, std::vector<std::string>* warnings = nullptr);
Result<std::vector<Labels>> parseFiringAlerts(std::string_view answer);

} // namespace perch::telemetry
