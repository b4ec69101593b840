#include "core/demo/replayer.h"
#include "core/http/server.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <mutex>

namespace perch::demo {
namespace {

using test::valueOf;
using test::waitUntil;

/// A peer over a real socket that answers like perch-server and remembers what it was told.
class Replay : public testing::Test {
protected:
    void SetUp() override {
        m_server = valueOf(http::Server::start({}, [this](const http::IncomingRequest& request) {
            return request.path == "/v1/feedback" ? takeLabels(request) : predict(request);
        }));
    }

    http::Response predict(const http::IncomingRequest& request) {
        const auto loan = nlohmann::json::parse(request.body);
        const int number = ++m_requests;
        if (m_failEach > 0 && number % m_failEach == 0)
            return {.status = 503, .body = R"({"error":{"message":"no replica"}})"};
        return {.body = fmt::format(R"({{"predictions":[{{"class":"{}","score":0.5,"confidence":0.5}}],)"
                                    R"("model":"credit-risk","model_version":"v{}","request_id":"id{}"}})",
                                    loan.at("unemployment_rate").get<double>() > 6 ? "yes" : "no",
                                    number % 10 == 0 ? 2 : 1, number)};
    }

    http::Response takeLabels(const http::IncomingRequest& request) {
        const std::lock_guard lock(m_mutex);
        if (m_refuseLabels > 0) {
            --m_refuseLabels;
            return {.status = 503, .body = "down"};
        }
        for (const auto& label : nlohmann::json::parse(request.body)) {
            EXPECT_EQ(label.at("model"), "credit-risk");
            m_truths[label.at("request_id")] = label.at("truth");
        }
        return {.status = 202, .body = "{}"};
    }

    std::unique_ptr<Replayer> start(double rate, std::chrono::milliseconds delay) {
        const std::string url = fmt::format("http://127.0.0.1:{}", m_server->port());
        return Replayer::start({.model = valueOf(ModelName::parse("credit-risk")),
                                .predictUrl = url + "/predict_credit_risk",
                                .feedbackUrl = url + "/v1/feedback",
                                .requestsPerSecond = rate,
                                .labelDelay = delay,
                                .seed = 5},
                               m_clock);
    }

    std::size_t truths() {
        const std::lock_guard lock(m_mutex);
        return m_truths.size();
    }

    RealClock m_clock;
    std::atomic<int> m_requests = 0;
    std::atomic<int> m_failEach = 0;
    std::mutex m_mutex;
    int m_refuseLabels = 0;
    std::map<std::string, std::string> m_truths;
    std::unique_ptr<http::Server> m_server; ///< last, so that it ends first
};

TEST_F(Replay, CountsAnswersByVersionAndTellsEveryTruthOnce) {
    const auto replayer = start(1'000, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().answered >= 500; }));
    replayer->stop();
    const ReplayReport report = replayer->report();
    EXPECT_EQ(report.sent, report.answered);
    EXPECT_EQ(report.lost + report.errors, 0U);
    EXPECT_EQ(report.byVersion.at({1}) + report.byVersion.at({2}), report.answered);
    EXPECT_EQ(report.byVersion.at({2}), report.answered / 10);
    ASSERT_TRUE(waitUntil([&] { return replayer->report().labelled == report.answered; }));
    EXPECT_EQ(truths(), report.answered);
}

TEST_F(Replay, TruthsWaitForTheLabelDelay) {
    const auto replayer = start(500, std::chrono::hours(1));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().answered >= 100; }));
    EXPECT_EQ(truths(), 0U);
    EXPECT_GE(replayer->report().labelsWaiting, 100U);
}

TEST_F(Replay, KeepsTheRate) {
    const auto begin = std::chrono::steady_clock::now();
    const auto replayer = start(200, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().sent >= 200; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
}

TEST_F(Replay, CountsErrorsApartAndNamesTheFirst) {
    m_failEach = 4;
    const auto replayer = start(1'000, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().sent >= 100; }));
    replayer->stop();
    const ReplayReport report = replayer->report();
    EXPECT_EQ(report.errors, report.sent / 4);
    EXPECT_EQ(report.answered + report.errors, report.sent);
    EXPECT_THAT(report.firstFailure, testing::HasSubstr("503"));
}

TEST_F(Replay, RequestsWithoutAnAnswerAreLost) {
    const auto replayer = start(500, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().answered >= 20; }));
    m_server.reset();
    ASSERT_TRUE(waitUntil([&] { return replayer->report().lost >= 20; }));
    replayer->stop();
    const ReplayReport report = replayer->report();
    EXPECT_EQ(report.answered + report.errors + report.lost, report.sent);
    EXPECT_THAT(report.firstFailure, testing::HasSubstr("127.0.0.1"));
}

TEST_F(Replay, TruthsAreTriedAgainWhileTheStoreIsDown) {
    m_refuseLabels = 3;
    const auto replayer = start(500, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->report().answered >= 50; }));
    replayer->stop();
    const ReplayReport report = replayer->report();
    ASSERT_TRUE(waitUntil([&] { return replayer->report().labelled == report.answered; }));
    EXPECT_EQ(truths(), report.answered);
}

TEST_F(Replay, LabelledLoansComeBackOldestFirstSinceAMoment) {
    const auto replayer = start(1'000, std::chrono::milliseconds(0));
    ASSERT_TRUE(waitUntil([&] { return replayer->countLabelledSince({}) >= 100; }));
    const SteadyTime shift = m_clock.steadyNow();
    replayer->setEconomy(Economy::Shifted);
    ASSERT_TRUE(waitUntil([&] { return replayer->countLabelledSince(shift) >= 300; }));
    const std::vector<LabelledLoan> loans = replayer->labelledSince(shift);
    double unemployment = 0;
    for (std::size_t i = 0; i < loans.size(); ++i) {
        ASSERT_GE(loans[i].answeredAt, i == 0 ? shift : loans[i - 1].answeredAt);
        unemployment += loans[i].loan.unemploymentRate / static_cast<double>(loans.size());
        EXPECT_EQ(loans[i].refused, loans[i].loan.unemploymentRate > 6);
    }
    EXPECT_GT(unemployment, 7);
}

} // namespace
} // namespace perch::demo
