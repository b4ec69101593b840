#include "core/http/server.h"
#include "core/telemetry/drift_alerts.h"
#include "core/telemetry/live_quality.h"
#include "core/telemetry/prometheus_client.h"
#include "core/telemetry/quality_sums.h"
#include "tests/support/test_support.h"

#include <atomic>
#include <cmath>

namespace perch::telemetry {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

TEST(PrometheusAnswer, ValuesAreStringsAndMayBeUndefined) {
    const auto samples = valueOf(parseVector(R"({"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"model":"churn"},"value":[1700000000.5,"0.25"]},
        {"metric":{},"value":[1700000000,"NaN"]},{"metric":{},"value":[1700000000,"+Inf"]}]},"warnings":["partial"]})"));
    ASSERT_EQ(samples.size(), 3u);
    EXPECT_EQ(samples[0].labels.at("model"), "churn");
    EXPECT_EQ(samples[0].value, 0.25);
    EXPECT_EQ(toMillis(samples[0].at), 1'700'000'000'500);
    EXPECT_TRUE(std::isnan(samples[1].value));
    EXPECT_TRUE(std::isinf(samples[2].value));
}

TEST(PrometheusAnswer, NonsenseIsAnErrorNotAnEmptyAnswer) {
    for (const char* bad : {R"({"status":"error"})", R"({"status":"success"})", R"([])", R"({"status":"success","data":
        {"resultType":"matrix","result":[]}})",
                            R"({"status":"success","data":{"resultType":"vector","result":[
        {"value":[1,2]}]}})",
                            R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1,"x"]}]}})"})
        EXPECT_THAT(parseVector(bad), failsWith(ErrorCode::Corrupt, HasSubstr("Prometheus"))) << bad;
}

TEST(QualitySums, AccuracyPrecisionAndRecallComeFromTheConfusion) {
    QualitySums sums;
    sums.labelled = {{{"yes", "yes"}, 40}, {{"yes", "no"}, 10}, {{"no", "yes"}, 20}, {{"no", "no"}, 130}};
    sums.labelAge = Seconds(1);
    const Quality quality = qualityOf(sums, "yes", {});
    EXPECT_DOUBLE_EQ(quality.accuracy.value.value(), 0.85);
    EXPECT_DOUBLE_EQ(quality.precision.value.value(), 40.0 / 60);
    EXPECT_DOUBLE_EQ(quality.recall.value.value(), 0.8);
    EXPECT_NEAR(quality.f1.value.value(), 0.727273, 1e-6);
    EXPECT_EQ(quality.accuracy.sampleSize, 200u);
    EXPECT_EQ(quality.accuracy.state, LiveState::Ok);
    EXPECT_LT(quality.accuracy.low.value(), 0.85);
    EXPECT_GT(quality.accuracy.high.value(), 0.85);
}

TEST(QualitySums, MissingDataIsNeverANumber) {
    const Quality quality = qualityOf({}, "yes", {});
    for (const LiveValue& value : {quality.accuracy, quality.precision, quality.f1, quality.drift, quality.p99Ms,
                                   quality.errorRate, quality.requestsPerSecond}) {
        EXPECT_FALSE(value.value.has_value());
        EXPECT_EQ(value.state, LiveState::NoData);
    }
}

TEST(QualitySums, AgeDecidesTheState) {
    const Seconds scrape(5);
    EXPECT_EQ(stateOfAge(Seconds(9), scrape), LiveState::Ok);
    EXPECT_EQ(stateOfAge(Seconds(11), scrape), LiveState::Stale);
    EXPECT_EQ(stateOfAge(Seconds(26), scrape), LiveState::SourceDown);
    EXPECT_EQ(stateOfAge(std::nullopt, scrape), LiveState::NoData);
}

TEST(QualitySums, DriftIsTheImportanceWeightedMean) {
    QualitySums sums;
    sums.referenceRows = 10'000;
    sums.requestAge = Seconds(0);
    sums.features["same"] = {0.75, {{"a", 0.5}, {"b", 0.5}}, {{"a", 5000}, {"b", 5000}}};
    sums.features["moved"] = {0.25, {{"a", 0.5}, {"b", 0.5}}, {{"a", 9000}, {"b", 1000}}};
    const Quality quality = qualityOf(sums, "", {});
    const double moved = (0.9 - 0.5) * std::log(0.9 / 0.5) + (0.1 - 0.5) * std::log(0.1 / 0.5) - 2.0 / 10'000;
    EXPECT_EQ(quality.features.front().feature, "moved");
    ASSERT_EQ(quality.features.front().bins.size(), 2u);
    EXPECT_EQ(quality.features.front().bins[0].label, "a");
    EXPECT_EQ(quality.features.front().bins[0].reference, 0.5);
    EXPECT_EQ(quality.features.front().bins[0].current, 0.9);
    EXPECT_NEAR(quality.drift.value.value(), 0.25 * moved, 1e-9);
    EXPECT_EQ(quality.drift.sampleSize, 10'000u);
}

/// A server that answers every query with one text, to play a Prometheus that refuses or goes away.
class FixedServer {
public:
    explicit FixedServer(http::Response answer)
        : m_server(valueOf(http::Server::start({}, [answer](const http::IncomingRequest&) { return answer; }))) {}
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_server->port()); }

private:
    std::unique_ptr<http::Server> m_server;
};

TEST(LiveQuality, ASourceThatNeverAnsweredIsDownAndSaysWhy) {
    LiveQuality quality("http://127.0.0.1:1", {});
    const QualityReading& reading = quality.read({}, fromMillis(1000), {});
    EXPECT_FALSE(reading.sourceUp);
    EXPECT_THAT(reading.problem, HasSubstr("127.0.0.1:1"));
}

TEST(AlertBeginnings, AnAlertGoesOnFromSliceToSlice) {
    using std::chrono::minutes;
    const SystemTime first = fromMillis(1'000'000'000);
    const auto at = [&](int minute) { return first + minutes(minute); };
    const auto beginnings = [&](std::initializer_list<std::pair<int, int>> endAndFired) {
        RangeSeries times;
        for (const auto& [end, fired] : endAndFired)
            times.points.emplace_back(at(end), static_cast<double>(toMillis(at(fired))) / 1e3);
        return alertBeginnings(times, first, minutes(60));
    };
    EXPECT_THAT(beginnings({}), testing::IsEmpty());
    EXPECT_THAT(beginnings({{60, 17}, {120, 60}, {180, 121}, {300, 290}}), testing::ElementsAre(at(17), at(290)));
    EXPECT_THAT(beginnings({{0, -60}, {60, 0}}), testing::IsEmpty()) << "it fired before the range";
    EXPECT_THAT(beginnings({{0, -20}, {60, 0}}), testing::ElementsAre(at(-20)));
}

TEST(PrometheusClient, ARefusedQueryCarriesTheServersWords) {
    const FixedServer server(http::Response{422, {}, R"({"status":"error","error":"too many samples"})"});
    PrometheusClient client(server.url());
    EXPECT_THAT(client.query("x"), failsWith(ErrorCode::InvalidInput, HasSubstr("too many samples")));
}

TEST(LiveQuality, TheLastValuesStayWithTheirAgeWhenTheSourceGoesDown) {
    auto server = std::make_unique<FixedServer>(http::Response{200, {}, R"({"status":"success","data":{
        "resultType":"vector","result":[{"metric":{"model":"churn","model_version":"v1","truth":"yes",
        "predicted":"yes","outcome":"ok"},"value":[1,"2"]}]}})"});
    LiveQuality quality(server->url(), {});
    const auto before = quality.read({{"churn", "yes"}}, fromMillis(10'000), {});
    ASSERT_TRUE(before.sourceUp) << before.problem;
    ASSERT_TRUE(before.versions.at({"churn", "v1"}).quality.accuracy.value.has_value());
    server.reset();
    const auto& after = quality.read({{"churn", "yes"}}, fromMillis(17'000), {});
    const LiveValue& accuracy = after.versions.at({"churn", "v1"}).quality.accuracy;
    EXPECT_FALSE(after.sourceUp);
    EXPECT_EQ(accuracy.state, LiveState::SourceDown);
    EXPECT_TRUE(accuracy.value.has_value());
    EXPECT_NEAR(accuracy.age.count(), 2 + 7, 1e-9);
}

/// A Prometheus that answers by what is asked and counts the questions about a rollout.
class RolloutServer {
public:
    RolloutServer() {
        m_server = valueOf(http::Server::start({}, [this](const http::IncomingRequest& request) {
            const bool rollout = request.body.find("unless") != std::string::npos;
            const bool labels = request.body.find("ml_labelled_total") != std::string::npos;
            if (!rollout) // requests, ages: one sample serves all
                return answer(element("v8", "canary", 2) + "," + element("v7", "stable", 2));
            ++asked;
            if (refuses)
                return http::Response{422, {}, R"({"status":"error","error":"too many samples"})"};
            return answer(labels ? element("v8", "canary", 450) + "," + element("v8", "shadow", 7'000) + "," +
                                       element("v7", "stable", 5'000)
                                 : element("v8", "canary", 900) + "," + element("v7", "stable", 9'000));
        }));
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_server->port()); }

    std::atomic<int> asked = 0;
    std::atomic<bool> refuses = false;

private:
    static std::string element(const char* version, const char* role, int value) {
        return fmt::format(
            R"({{"metric":{{"model":"churn","model_version":"{}","role":"{}","truth":"yes","predicted":"yes",)"
            R"("outcome":"ok"}},"value":[1,"{}"]}})",
            version, role, value);
    }
    static http::Response answer(const std::string& elements) {
        return {200, {}, R"({"status":"success","data":{"resultType":"vector","result":[)" + elements + "]}}"};
    }
    std::unique_ptr<http::Server> m_server;
};

TEST(LiveQuality, CountsSinceTheStartAreOfTheRoleAndSurviveARefusal) {
    RolloutServer server;
    LiveQuality quality(server.url(), {});
    const SystemTime began = fromMillis(1'000'000'000'000);
    const auto sinceStart = [&](std::chrono::milliseconds after) {
        return quality.read({}, began + after, {}).versions.at({"churn", "v8"}).sinceStart;
    };
    EXPECT_EQ(sinceStart(std::chrono::seconds(1)).accuracy.state, LiveState::NoData) << "no rollout was named";
    quality.setRollouts({{"churn", {began, "v7", "v8"}}});
    const SinceStart first = sinceStart(std::chrono::seconds(1'000));
    EXPECT_EQ(first.accuracy.state, LiveState::Ok);
    EXPECT_EQ(first.accuracy.sampleSize, 450U) << "what it answered as a shadow is not of the rollout";
    EXPECT_EQ(first.errorRate.sampleSize, 900U);
    EXPECT_EQ(first.errorRate.value, 0.0);
    EXPECT_EQ(first.accuracy.window, Seconds(1'000));
    EXPECT_EQ(quality.last().versions.at({"churn", "v7"}).sinceStart.accuracy.sampleSize, 5'000U);
    const int asked = server.asked;
    EXPECT_EQ(sinceStart(std::chrono::milliseconds(1'000'500)).accuracy.sampleSize, 450U);
    EXPECT_EQ(server.asked, asked) << "a thousand times over the time of a rollout is enough";
    server.refuses = true;
    const SinceStart refused = sinceStart(std::chrono::seconds(1'010));
    EXPECT_GT(server.asked, asked);
    EXPECT_TRUE(quality.last().sourceUp) << "the other quantities were read";
    EXPECT_EQ(refused.accuracy.state, LiveState::SourceDown);
    EXPECT_EQ(refused.accuracy.sampleSize, 450U);
    server.refuses = false;
    EXPECT_EQ(sinceStart(std::chrono::seconds(1'011)).accuracy.state, LiveState::Ok) << "asked again at once";
    quality.setRollouts({});
    EXPECT_EQ(sinceStart(std::chrono::seconds(1'012)).accuracy.state, LiveState::NoData);
}

} // namespace
} // namespace perch::telemetry
