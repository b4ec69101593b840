#include "tests/serving/serving_fixture.h"
#include "tests/support/load.h"

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class HotLoad : public Serving {
protected:
    void SetUp() override { start({.adminSocket = m_folder / "admin.sock"}); }

    http::Response admin(std::string method, const std::string& path, std::string body = {}) {
        return valueOf(m_client.send({.method = std::move(method), .url = "http://perch" + path,
            .body = std::move(body), .unixSocket = m_folder / "admin.sock"}));
    }
    http::Response load(const std::string& version) {
        return admin("POST", "/v1/models",
            json{{"package", m_churn.package.string()}, {"version", version}, {"digest", m_churn.digest.hex()}}.dump());
    }
    http::Response unload(const std::string& version) {
        return admin("DELETE", "/v1/models/churn/versions/" + version);
    }
    std::string answeringVersion() {
        const std::string body = json{{"inputs", m_churn.row(0)}}.dump();
        return json::parse(post("/predict_churn", body).body)["model_version"];
    }

    const Folder m_folder;
};

TEST_F(HotLoad, LeadsToTheVersionThatWasLoadedLast) {
    EXPECT_EQ(load("v3").status, 200);
    EXPECT_EQ(answeringVersion(), "v3");
    EXPECT_EQ(json::parse(load("v4").body)["models"].size(), 3U);
    EXPECT_EQ(unload("v3").status, 200);
    EXPECT_EQ(answeringVersion(), "v4");
    EXPECT_EQ(unload("v4").status, 200);
    EXPECT_EQ(answeringVersion(), "v2");
    EXPECT_EQ(get("/v2/models/churn/versions/v4").status, 404);
    EXPECT_EQ(unload("v2").status, 200);
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(load("v5").status, 200);
    EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(HotLoad, TakesTheSeriesOfAVersionAway) {
    const std::string series = R"(ml_engine_info{engine="perch",model="churn",model_version="v3",reason=""})";
    EXPECT_EQ(metric(series), std::nullopt);
    load("v3");
    EXPECT_EQ(metric(series), 1);
    // The second one shares the series of the first, which must not take them along when it is refused.
    EXPECT_EQ(load("v3").status, 409);
    EXPECT_EQ(metric(series), 1);
    unload("v3");
    EXPECT_EQ(metric(series), std::nullopt);
    EXPECT_EQ(metric(R"(ml_engine_info{engine="perch",model="churn",model_version="v2",reason=""})"), 1);
}

TEST_F(HotLoad, SaysWhatIsWrong) {
    const auto message = [](const http::Response& response, int status) {
        EXPECT_EQ(response.status, status);
        return json::parse(response.body)["error"]["message"].get<std::string>();
    };
    EXPECT_EQ(message(load("v2"), 409), "v2 of the model churn is loaded already.");
    EXPECT_EQ(message(unload("v9"), 404), "v9 of the model churn is not loaded.");
    EXPECT_THAT(message(load("newest"), 400), HasSubstr("newest"));
    EXPECT_THAT(message(admin("POST", "/v1/models", R"({"package":"/nowhere","version":"v3"})"), 404),
        HasSubstr("/nowhere"));
    EXPECT_THAT(message(admin("POST", "/v1/models", R"({"package":"/p","version":"v3","pth":1})"), 400),
        HasSubstr("pth"));
    EXPECT_EQ(admin("GET", "/v1/models").status, 405);
    EXPECT_EQ(admin("DELETE", "/v1/models/churn").status, 400);
    EXPECT_EQ(post("/v1/models", "{}").status, 404) << "only on the admin socket";
}

TEST_F(HotLoad, LosesNoRequestUnderLoad) {
    const std::string body = json{{"inputs", m_churn.row(0)}}.dump();
    const auto load8 = LoadGenerator::start({.port = m_server->port(), .connections = 8,
        .next = [&](std::uint64_t) { return LoadRequest{"/predict_churn", body}; }});
    for (int version = 3; version < 9; ++version) {
        const auto before = load8->report().answered;
        ASSERT_EQ(load(fmt::format("v{}", version)).status, 200);
        ASSERT_EQ(unload(fmt::format("v{}", version - 1)).status, 200);
        ASSERT_TRUE(waitUntil([&] { return load8->report().answered > before + 50; }));
    }
    const LoadReport report = load8->stop();
    EXPECT_EQ(report.lost, 0) << report.text();
    EXPECT_EQ(report.ok, report.sent) << report.text();
    EXPECT_GT(report.byVersion.at("v8"), 0);
}

} // namespace
} // namespace perch::test
