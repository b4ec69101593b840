#include "core/base/json.h"
#include "core/serving/access_log.h"
#include "tests/serving/serving_fixture.h"

#include <sstream>

namespace perch::serving {
namespace {

using nlohmann::json;
using test::failsWith;
using test::valueOf;
using test::waitUntil;
using testing::HasSubstr;
using testing::Not;

std::vector<json> linesIn(const std::filesystem::path& file) {
    std::vector<json> lines;
    const Result<std::string> text = readFile(file);
    std::istringstream stream(text.value_or(""));
    for (std::string line; std::getline(stream, line);)
        lines.push_back(valueOf(parseJson(line, "a line of the access log")));
    return lines;
}

class AccessLogTest : public testing::Test {
protected:
    std::unique_ptr<AccessLog> open(AccessLog::Options options) {
        if (options.file.empty())
            options.file = m_file;
        return valueOf(AccessLog::open(std::move(options), m_clock, m_exposition));
    }
    double count(const std::string& series) const { return test::valueIn(m_exposition.text(), series).value_or(-1); }
    double dropped(const std::string& reason) const {
        return count("ml_access_log_dropped_total{reason=\"" + reason + "\"}");
    }

    const test::Folder m_folder;
    const std::filesystem::path m_file = m_folder / "access.log";
    ManualClock m_clock{fromMillis(1'795'000'000'000)};
    Exposition m_exposition;
};

TEST_F(AccessLogTest, ALineHasWhatIsKnown) {
    open({})->add({.time = m_clock.now(),
                   .requestId = "order-7",
                   .method = "POST",
                   .path = "/predict_churn",
                   .status = 200,
                   .duration = std::chrono::microseconds(1'234),
                   .requestBytes = 10,
                   .responseBytes = 20,
                   .model = "churn",
                   .version = "v2"});
    EXPECT_EQ(valueOf(readFile(m_file)),
              R"({"time":"2026-11-18T11:06:40.000Z","request_id":"order-7","method":"POST","path":"/predict_churn",)"
              R"("status":200,"duration_ms":1.234,"request_bytes":10,"response_bytes":20,"model":"churn",)"
              R"("model_version":"v2"})"
              "\n");
    EXPECT_EQ(count("ml_access_log_lines_total"), 1);
}

TEST_F(AccessLogTest, TextsOfClientsAreBoundedAndEscaped) {
    open({})->add({.requestId = "a\"\n\xff", .path = "/" + std::string(5'000, 'x'), .status = 413});
    const json line = linesIn(m_file).at(0);
    EXPECT_EQ(line["request_id"], "a\"\n\xEF\xBF\xBD");
    EXPECT_EQ(line["path"].get<std::string>().size(), 200U);
    EXPECT_FALSE(line.contains("duration_ms")) << "a request that was refused unread has none";
}

TEST_F(AccessLogTest, TheShareIsThatOfTheRequestsWithoutAPattern) {
    for (const double share : {0.0, 0.01, 0.5, 1.0}) {
        const auto log = open({.share = share});
        int wanted = 0, twice = 0;
        bool before = false;
        for (int i = 0; i < 100'000; ++i) {
            const bool now = log->wants(200);
            wanted += now ? 1 : 0;
            twice += now && before ? 1 : 0;
            before = now;
        }
        EXPECT_NEAR(wanted / 1e5, share, 5 * std::sqrt(share * (1 - share) / 1e5)) << share;
        EXPECT_NEAR(twice / 1e5, share * share, 0.01) << share;
    }
}

TEST_F(AccessLogTest, ErrorsAreAlwaysWantedButNotTooManyInASecond) {
    const auto log = open({.share = 0, .errorsPerSecond = 3});
    const auto wanted = [&] {
        int sum = 0;
        for (const int status : {400, 404, 429, 500, 503})
            sum += log->wants(status) ? 1 : 0;
        return sum;
    };
    EXPECT_EQ(wanted(), 3);
    EXPECT_EQ(dropped("too_many_errors"), 2);
    m_clock.advance(std::chrono::milliseconds(999));
    EXPECT_EQ(wanted(), 0);
    m_clock.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(wanted(), 3);
    EXPECT_FALSE(log->wants(200));
}

TEST_F(AccessLogTest, AFullQueueDropsAndCounts) {
    {
        const auto log = open({.queueLimit = 0});
        log->add({.status = 200});
    }
    EXPECT_EQ(dropped("queue_full"), 1);
    EXPECT_TRUE(linesIn(m_file).empty());
}

TEST_F(AccessLogTest, AFileThatWasMovedAwayIsMadeAnew) {
    const auto log = open({});
    log->add({.status = 200});
    ASSERT_TRUE(waitUntil([&] { return count("ml_access_log_lines_total") == 1; }));
    std::filesystem::rename(m_file, m_folder / "access.log.1");
    log->add({.status = 201});
    ASSERT_TRUE(waitUntil([&] { return count("ml_access_log_lines_total") == 2; }));
    EXPECT_EQ(linesIn(m_folder / "access.log.1").at(0)["status"], 200);
    EXPECT_EQ(linesIn(m_file).at(0)["status"], 201);
    EXPECT_EQ(std::filesystem::status(m_file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AccessLogTest, WhatTheDiskDoesNotTakeIsCounted) {
    const std::filesystem::path full = "/dev/full";
    if (!std::filesystem::exists(full))
        GTEST_SKIP() << "NOT TESTED: there is no " << full;
    open({.file = full})->add({.status = 200});
    EXPECT_EQ(dropped("not_written"), 1);
    EXPECT_EQ(count("ml_access_log_lines_total"), 0);
}

TEST_F(AccessLogTest, AFileThatCannotBeMadeIsNamed) {
    EXPECT_THAT(AccessLog::open({.file = "/nowhere/access.log"}, m_clock, m_exposition),
                failsWith(ErrorCode::NotFound, HasSubstr("/nowhere/access.log")));
}

class AccessLogOfServer : public test::Serving {
protected:
    void startWith(double share) { start({.access = {.file = m_folder / "access.log", .share = share}}); }
    std::vector<json> lines(std::size_t atLeast) {
        EXPECT_TRUE(waitUntil([&] { return linesIn(m_folder / "access.log").size() >= atLeast; }));
        return linesIn(m_folder / "access.log");
    }
    const test::Folder m_folder;
};

TEST_F(AccessLogOfServer, SaysWhichModelAnsweredWhatAndNothingOfTheRowOrTheSecrets) {
    startWith(1);
    json row = m_churn.row(0);
    row["monthly_charges"] = 31.4159;
    const std::string body = json{{"inputs", row}, {"request_id", "order-7"}}.dump();
    const http::Response answer =
        post("/predict_churn?key=hunter2", body, {{"Authorization", "Bearer hunter2"}, {"X-Api-Key", "hunter2"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const json line = lines(1).at(0);
    EXPECT_EQ(line["request_id"], "order-7");
    EXPECT_EQ(line["method"], "POST");
    EXPECT_EQ(line["path"], "/predict_churn");
    EXPECT_EQ(line["status"], 200);
    EXPECT_EQ(line["request_bytes"], body.size());
    EXPECT_EQ(line["response_bytes"], answer.body.size());
    EXPECT_EQ(line["model"], "churn");
    EXPECT_EQ(line["model_version"], "v2");
    EXPECT_GT(line["duration_ms"].get<double>(), 0);
    const std::string text = valueOf(readFile(m_folder / "access.log"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(text, Not(HasSubstr("31.4159")));
}

TEST_F(AccessLogOfServer, WithoutAShareItHoldsTheErrorsAlone) {
    startWith(0);
    const std::string body = json{{"inputs", m_churn.row(0)}}.dump();
    EXPECT_EQ(post("/predict_churn", body).status, 200);
    EXPECT_EQ(post("/predict_churn", R"({"inputs":{"secret":1}})", {{"X-Request-Id", "bad-1"}}).status, 400);
    EXPECT_EQ(get("/nothing").status, 404);
    EXPECT_EQ(post("/predict_churn", std::string(std::size_t{9} << 20, ' ')).status, 413);
    const std::vector<json> found = lines(3);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0]["status"], 400);
    EXPECT_EQ(found[0]["request_id"], "bad-1");
    EXPECT_EQ(found[1]["path"], "/nothing");
    EXPECT_FALSE(found[1].contains("model"));
    EXPECT_EQ(found[2]["status"], 413);
    EXPECT_EQ(found[2]["path"], "/predict_churn");
    EXPECT_THAT(valueOf(readFile(m_folder / "access.log")), Not(HasSubstr("secret")));
}

} // namespace
} // namespace perch::serving
