#include "tests/serving/serving_fixture.h"

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A model server and a truth store, joined over HTTP.
class FeedbackTest : public Serving {
protected:
    std::string truthUrl() const { return fmt::format("http://127.0.0.1:{}", m_truthPort); }
    void startTruthStore() {
        m_truth = startTruth(m_folder / "truth.db", m_clock, m_truthPort);
        m_truthPort = m_truth->port();
    }
    std::optional<double> truthMetric(const std::string& series) {
        return valueIn(valueOf(m_client.send({.url = truthUrl() + "/metrics"})).body, series);
    }
    std::string predict(std::uint32_t row, const std::string& id) {
        const json answer = json::parse(
            post("/predict_churn", json{{"inputs", m_churn.row(row)}, {"request_id", id}}.dump()).body);
        return answer["predictions"][0]["class"];
    }
    http::Response feed(const json& body) { return post("/v1/feedback", body.dump()); }
    double correct() {
        return truthMetric(R"(ml_correct_predictions_total{model="churn",model_version="v2",role="stable"})").value_or(-1);
    }

    Folder m_folder;
    std::uint16_t m_truthPort = 0;
    std::unique_ptr<serving::TruthServer> m_truth;
};

TEST_F(FeedbackTest, TheTruthOfARequestReachesTheCounters) {
    startTruthStore();
    start({.truthUrl = truthUrl()});
    ASSERT_TRUE(waitUntil([&] { return correct() == 0; })) << "The version presents itself.";
    for (std::uint32_t row = 0; row < 20; ++row) {
        const std::string id = fmt::format("r{}", row);
        const std::string answer = predict(row, id);
        EXPECT_EQ(feed({{"model", "churn"}, {"request_id", id}, {"truth", answer}}).status, 202);
    }
    EXPECT_TRUE(waitUntil([&] { return correct() == 20; }));
    EXPECT_EQ(*truthMetric("ml_feedback_total{outcome=\"joined\"}") + *truthMetric("ml_feedback_total{outcome=\"late\"}"), 20);
    EXPECT_EQ(metric("ml_prediction_records_dropped_total"), 0);
}

TEST_F(FeedbackTest, SaysWhatIsWrongWithIt) {
    startTruthStore();
    start({.truthUrl = truthUrl()});
    ASSERT_TRUE(waitUntil([&] { return correct() == 0; }));
    const json bodies[] = {json::object(), {{"model", "churn"}}, {{"model", "churn"}, {"request_id", "a"}},
        {{"model", "churn"}, {"request_id", 7}, {"truth", "Yes"}},
        {{"model", "churn"}, {"request_id", "a"}, {"truth", json::object()}},
        {{"model", "churn"}, {"request_id", "a"}, {"truth", "Maybe"}}, {{"model", "a b"}, {"request_id", "a"}}, 7,
        {{{"model", "churn"}, {"request_id", "a"}, {"truth", "Yes"}}, 7}};
    for (const json& body : bodies)
        EXPECT_EQ(feed(body).status, 400) << body.dump();
    EXPECT_EQ(post("/v1/feedback", "{").status, 400);
    EXPECT_EQ(feed({{"model", "other"}, {"request_id", "a"}, {"truth", "Yes"}}).status, 404);
    EXPECT_EQ(truthMetric("ml_feedback_total{outcome=\"invalid\"}"), 11);
    const json list = {{{"model", "churn"}, {"request_id", "a"}, {"truth", "Yes"}},
        {{"model", "churn"}, {"request_id", "a"}, {"truth", "Yes"}}};
    const http::Response response = feed(list);
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(json::parse(response.body)["outcomes"], json({{"waiting", 1}, {"duplicate", 1}}));
}

TEST_F(FeedbackTest, TheRowsOfABatchHaveIdsOfTheirOwn) {
    startTruthStore();
    start({.truthUrl = truthUrl()});
    const json batch = {{"inputs", {m_churn.row(0), m_churn.row(1)}}, {"request_id", "b"}};
    const json answer = json::parse(post("/v1/models/churn:predict", batch.dump()).body);
    ASSERT_TRUE(waitUntil([&] { return correct() == 0; }));
    for (const int row : {0, 1})
        EXPECT_EQ(feed({{"model", "churn"}, {"request_id", fmt::format("b/{}", row)},
                      {"truth", answer["predictions"][row]["class"]}}).status, 202);
    EXPECT_TRUE(waitUntil([&] { return correct() == 2; }));
}

TEST_F(FeedbackTest, ServingGoesOnWhileTheTruthStoreIsDown) {
    startTruthStore();
    start({.truthUrl = truthUrl()});
    ASSERT_TRUE(waitUntil([&] { return correct() == 0; }));
    m_truth.reset();
    for (std::uint32_t row = 0; row < 50; ++row)
        predict(row, fmt::format("r{}", row));
    const http::Response refused = feed({{"model", "churn"}, {"request_id", "r1"}, {"truth", "Yes"}});
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr(fmt::format("127.0.0.1:{}", m_truthPort)));
    EXPECT_EQ(get("/readyz").status, 200);
    // When it is back, even with an empty file, what was predicted meanwhile can still be labelled.
    std::filesystem::remove(m_folder / "truth.db");
    std::filesystem::remove(m_folder / "truth.db-wal");
    startTruthStore();
    ASSERT_TRUE(waitUntil([&] { return correct() == 0; })) << "The version presents itself again.";
    for (std::uint32_t row = 0; row < 50; ++row) {
        const std::string id = fmt::format("r{}", row);
        ASSERT_EQ(feed({{"model", "churn"}, {"request_id", id}, {"truth", "Yes"}}).status, 202);
    }
    const std::string sum = R"(ml_labelled_total{model="churn",model_version="v2",predicted=")";
    EXPECT_TRUE(waitUntil([&] {
        return truthMetric(sum + R"(Yes",role="stable",truth="Yes"})").value_or(0) +
                   truthMetric(sum + R"(No",role="stable",truth="Yes"})").value_or(0) == 50;
    }));
}

TEST_F(FeedbackTest, AFullQueueDropsAndCounts) {
    startTruthStore();
    const std::string url = truthUrl();
    m_truth.reset();
    start({.truthUrl = url, .recordQueueLimit = 10});
    for (std::uint32_t row = 0; row < 40; ++row)
        predict(row, fmt::format("r{}", row));
    // Up to one batch is in the hands of the sender beside the queue.
    const double dropped = metric("ml_prediction_records_dropped_total").value_or(-1);
    EXPECT_GE(dropped, 20);
    EXPECT_LE(dropped, 30);
}

TEST_F(FeedbackTest, WithoutATruthStoreFeedbackIsUnavailable) {
    start();
    EXPECT_EQ(feed({{"model", "churn"}, {"request_id", "a"}, {"truth", "Yes"}}).status, 503);
    EXPECT_EQ(get("/v1/feedback").status, 405);
}

} // namespace
} // namespace perch::test
