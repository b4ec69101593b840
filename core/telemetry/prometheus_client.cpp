#include "core/telemetry/prometheus_client.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace perch::telemetry {

namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "The answer of Prometheus";
constexpr double kLatestSecond = 1e12; ///< beyond the year 30000

/// Values are strings, so that NaN and +Inf can be said.
Result<double> toNumber(const json& value) {
    if (!value.is_string())
        return fail(ErrorCode::Corrupt, "{} holds a value that is not a string.", kWhat);
    const auto& text = value.get_ref<const std::string&>();
    if (text == "NaN")
        return std::nan("");
    if (text == "+Inf" || text == "Inf")
        return HUGE_VAL;
    if (text == "-Inf")
        return -HUGE_VAL;
    double number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::Corrupt, "{} holds \"{}\" where a number belongs.", kWhat, shownText(text));
    return number;
}

Result<std::pair<SystemTime, double>> toPoint(const json& pair) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number())
        return fail(ErrorCode::Corrupt, "{} holds a point that is not [time, value].", kWhat);
    const double seconds = pair[0].get<double>();
    if (!(std::abs(seconds) < kLatestSecond))
        return fail(ErrorCode::Corrupt, "{} holds a point at no time.", kWhat);
    const auto millis = static_cast<std::int64_t>(std::llround(seconds * 1e3));
    return std::pair(fromMillis(millis), TRY(toNumber(pair[1])));
}

Labels toLabels(const json& element) {
    Labels labels;
    const auto metric = element.find("metric");
    if (metric == element.end() || !metric->is_object())
        return labels;
    for (const auto& [name, value] : metric->items()) {
        if (value.is_string())
            labels[name] = value.get<std::string>();
    }
    return labels;
}

Result<json> parseEnvelope(std::string_view answer, std::vector<std::string>* warnings) {
    json document = TRY(parseJson(answer, kWhat));
    if (warnings != nullptr)
        warnings->clear();
    const bool good = document.is_object() && document.contains("status") && document["status"] == "success" &&
                      document.contains("data");
    if (warnings != nullptr && good && document.contains("warnings")) {
        for (const json& warning : document["warnings"])
            warnings->push_back(warning.is_string() ? warning.get<std::string>() : warning.dump());
    }
    if (!good)
        return fail(ErrorCode::Corrupt, "{} has no data.", kWhat);
    return std::move(document["data"]);
}

Result<json> parseResult(std::string_view answer, std::string_view type, std::vector<std::string>* warnings) {
    json data = TRY(parseEnvelope(answer, warnings));
    const bool expected = data.is_object() && data.contains("resultType") && data["resultType"] == type &&
                          data.contains("result") && data["result"].is_array();
    if (!expected)
        return fail(ErrorCode::Corrupt, "{} is not a {}.", kWhat, type);
    return std::move(data["result"]);
}

/// Runs a parser; what its documents hold in wrong places ends here.
template <typename Parse>
auto guarded(Parse&& parse) -> decltype(parse()) {
    try {
        return parse();
    } catch (const json::exception&) {
        return fail(ErrorCode::Corrupt, "{} holds something of a wrong type.", kWhat);
    }
}

std::string secondsText(SystemTime time) {
    return fmt::format("{}.{:03}", toMillis(time) / 1'000, toMillis(time) % 1'000);
}

/// The server's own words about a refused query.
Error refused(const http::Response& response, const std::string& baseUrl) {
    std::string reason;
    if (const auto document = parseJson(response.body, kWhat); document && document->is_object())
        reason = jsonString(*document, "error", kWhat).value_or("");
    const ErrorCode code = response.status == 400 || response.status == 422 ? ErrorCode::InvalidInput
                                                                            : ErrorCode::Unavailable;
    return fail(code, "Prometheus at {} refused the query ({}){}{}.", baseUrl, response.status,
                reason.empty() ? "" : ": ", reason);
}

} // namespace

Result<std::vector<Sample>> parseVector(std::string_view answer, std::vector<std::string>* warnings) {
    return guarded([&]() -> Result<std::vector<Sample>> {
        const json result = TRY(parseResult(answer, "vector", warnings));
        std::vector<Sample> samples;
        samples.reserve(result.size());
        for (const json& element : result) {
            if (!element.contains("value"))
                continue; // a native histogram: Perch asks for none
            const auto [at, value] = TRY(toPoint(element["value"]));
            samples.push_back({toLabels(element), value, at});
        }
        return samples;
    });
}

Result<std::vector<RangeSeries>> parseMatrix(std::string_view answer, std::vector<std::string>* warnings) {
    return guarded([&]() -> Result<std::vector<RangeSeries>> {
        const json result = TRY(parseResult(answer, "matrix", warnings));
        std::vector<RangeSeries> all;
        for (const json& element : result) {
            RangeSeries series{toLabels(element), {}};
            for (const json& pair : element.value("values", json::array()))
                series.points.push_back(TRY(toPoint(pair)));
            all.push_back(std::move(series));
        }
        return all;
    });
}

Result<std::vector<Labels>> parseFiringAlerts(std::string_view answer) {
    return guarded([&]() -> Result<std::vector<Labels>> {
        const json data = TRY(parseEnvelope(answer, nullptr));
        std::vector<Labels> firing;
        for (const json& alert : data.value("alerts", json::array())) {
            if (alert.value("state", "") == "firing")
                firing.push_back(toLabels(json{{"metric", alert.value("labels", json::object())}}));
        }
        return firing;
    });
}

PrometheusClient::PrometheusClient(std::string baseUrl, std::chrono::milliseconds deadline)
    : m_baseUrl(std::move(baseUrl)), m_deadline(deadline) {}

Result<std::string> PrometheusClient::post(const std::string& path, const std::string& body, std::stop_token stop) {
    http::Request request{.method = "POST",
                          .url = m_baseUrl + path,
                          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                          .body = body,
                          .deadline = m_deadline};
    auto response = TRY(m_client.send(request, stop));
    if (!response.ok())
        return refused(response, m_baseUrl);
    return std::move(response.body);
}

Result<std::vector<Sample>> PrometheusClient::query(const std::string& expression, std::stop_token stop) {
    const std::string form = http::formEncode({{"query", expression}});
    return parseVector(TRY(post("/api/v1/query", form, stop)), &m_warnings);
}

Result<std::vector<RangeSeries>> PrometheusClient::queryRange(const std::string& expression, SystemTime start,
                                                              SystemTime end, Seconds step, std::stop_token stop) {
    const double range = std::chrono::duration<double>(end - start).count();
    const double widened = std::max({step.count(), range / (kMaximumPoints - 1), 0.001});
    const std::string form = http::formEncode({{"query", expression},
                                               {"start", secondsText(start)},
                                               {"end", secondsText(end)},
                                               {"step", fmt::format("{:.3f}", widened)}});
    return parseMatrix(TRY(post("/api/v1/query_range", form, stop)), &m_warnings);
}

Result<std::vector<Labels>> PrometheusClient::firingAlerts(std::stop_token stop) {
    const http::Request request{.url = m_baseUrl + "/api/v1/alerts", .deadline = m_deadline};
    const auto response = TRY(m_client.send(request, stop));
    if (!response.ok())
        return refused(response, m_baseUrl);
    return parseFiringAlerts(response.body);
}

} // namespace perch::telemetry
