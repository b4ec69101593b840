#include "tests/serving/price_models.h"
#include "tests/serving/serving_fixture.h"

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class FieldRouteTest : public Serving {
protected:
    void SetUp() override {
        m_truth = startTruth(m_folder / "truth.db", m_clock);
        m_server = valueOf(serving::ModelServer::start(
            {.truthUrl = fmt::format("http://127.0.0.1:{}", m_truth->port()), .rules = {PriceModels::rule()}},
            m_clock));
    }
    static ModelName name(const std::string& text) { return valueOf(ModelName::parse(text)); }
    void load(const std::string& model, std::uint32_t version) {
        ASSERT_TRUE(succeeded(m_server->load(
            {.package = PriceModels::instance().package(model), .version = {version}, .aliasPath = "/" + model})));
    }
    void loadAll() {
        load("home-price", 1);
        load("flat-price", 2);
        load("land-price", 3);
    }
    json ask(const json& body, int status = 200, std::string_view path = "/predict_price") {
        const http::Response response = post(path, body.dump());
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body);
    }
    double routed(const std::string& model, const std::string& match) {
        return metric(
                   fmt::format(R"(ml_routed_rows_total{{match="{}",model="{}",path="/predict_price"}})", match, model))
            .value_or(-1);
    }
    double requests(const std::string& model, const std::string& version, const std::string& outcome) {
        return metric(fmt::format(R"(ml_requests_total{{model="{}",model_version="{}",outcome="{}",role="stable"}})",
                                  model, version, outcome))
            .value_or(-1);
    }

    const Folder m_folder;
    std::unique_ptr<serving::TruthServer> m_truth;
    const json m_flat = {{"kind", "flat"}, {"area", 50}, {"floor", 2}};
    const json m_land = {{"kind", "land"}, {"area", 80}, {"slope", 1}};
    const json m_house = {{"kind", "house"}, {"area", 90}, {"rooms", 4}};
};

TEST_F(FieldRouteTest, TheValueOfTheFieldChoosesTheModel) {
    loadAll();
    const json flat = ask(m_flat);
    EXPECT_EQ(flat["model"], "flat-price");
    EXPECT_EQ(flat["model_version"], "v2");
    EXPECT_EQ(ask({{"inputs", m_land}})["model"], "land-price");
    EXPECT_EQ(ask({{"inputs", m_house}})["model"], "home-price");
    EXPECT_EQ(ask({{"kind", 3}, {"area", 50}, {"floor", 2}})["model"], "flat-price")
        << "a number, as the rule writes it";
    json bare = m_flat;
    bare.erase("kind");
    EXPECT_EQ(ask(bare, 200, "/flat-price")["predictions"], flat["predictions"]);
    EXPECT_EQ(ask({{"inputs", bare}}, 200, "/v1/models/flat-price:predict")["predictions"], flat["predictions"]);
    EXPECT_EQ(routed("flat-price", "listed"), 2);
    EXPECT_EQ(routed("home-price", "listed"), 1);
    EXPECT_EQ(requests("flat-price", "v2", "ok"), 4);
    EXPECT_EQ(metric(R"(model_prediction_latency_seconds_count{endpoint="/predict_price",model="flat-price",)"
                     R"(model_version="v2",role="stable"})"),
              2);
}

TEST_F(FieldRouteTest, RowsOfABatchAreAnsweredInTheirOrder) {
    loadAll();
    const json rows = {m_land, m_flat, m_house, m_flat, m_land};
    const json answer = ask({{"inputs", rows}, {"request_id", "b"}});
    EXPECT_FALSE(answer.contains("model"));
    EXPECT_EQ(answer["request_id"], "b");
    const char* models[] = {"land-price", "flat-price", "home-price", "flat-price", "land-price"};
    const char* versions[] = {"v3", "v2", "v1", "v2", "v3"};
    ASSERT_EQ(answer["predictions"].size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        json row = rows[i];
        row.erase("kind");
        const json alone = ask({{"inputs", row}}, 200, fmt::format("/v1/models/{}:predict", models[i]));
        EXPECT_EQ(answer["predictions"][i]["score"], alone["predictions"][0]["score"]) << i;
        EXPECT_EQ(answer["predictions"][i]["model"], models[i]);
        EXPECT_EQ(answer["predictions"][i]["model_version"], versions[i]);
    }
    EXPECT_EQ(ask({{"inputs", {m_flat, m_flat}}})["model"], "flat-price") << "one model names itself once";
}

TEST_F(FieldRouteTest, UnknownAndAbsentValuesGoToTheDefaultAndAreCounted) {
    loadAll();
    const json home = {{"area", 90}, {"rooms", 4}};
    for (const json& kind : {json("castle"), json(nullptr), json(4), json(true)}) {
        json row = home;
        row["kind"] = kind;
        EXPECT_EQ(ask(row)["model"], "home-price") << kind;
    }
    EXPECT_EQ(ask(home)["model"], "home-price");
    EXPECT_EQ(routed("home-price", "unknown"), 3);
    EXPECT_EQ(routed("home-price", "absent"), 2);
    EXPECT_EQ(routed("flat-price", "unknown"), -1) << "no series that can never move";
}

TEST_F(FieldRouteTest, ABadRowRefusesTheWholeRequest) {
    loadAll();
    json bad = m_land;
    bad["slop"] = 1;
    const json error = ask({{"inputs", {m_flat, m_land, bad}}}, 400)["error"];
    EXPECT_EQ(error["where"], "inputs[2].slop");
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("did you mean \"slope\""));
    EXPECT_EQ(ask({{"kind", "flat"}, {"area", "wide"}, {"floor", 1}}, 400)["error"]["where"], "area");
    EXPECT_EQ(ask({{"inputs", {7}}}, 400)["error"]["where"], "inputs[0]");
    EXPECT_EQ(ask({{"inputs", json::array()}}, 400)["error"]["where"], "inputs");
    EXPECT_EQ(routed("flat-price", "listed"), 0);
    EXPECT_EQ(requests("flat-price", "v2", "invalid"), 2);
    EXPECT_EQ(requests("land-price", "v3", "invalid"), 1);
    EXPECT_EQ(requests("home-price", "v1", "invalid"), 2);
}

TEST_F(FieldRouteTest, IsReadyWhenEveryModelOfTheRuleIsLoaded) {
    EXPECT_EQ(ask(m_flat, 503)["error"]["where"], "");
    load("home-price", 1);
    load("flat-price", 2);
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(json::parse(get("/readyz").body)["reason"], "The model land-price, which a rule names, is not loaded.");
    EXPECT_EQ(ask(m_flat)["model"], "flat-price");
    EXPECT_EQ(ask({{"inputs", {m_flat, m_land}}}, 503)["error"]["message"],
              "The model land-price, to which the field \"kind\" leads, is not loaded.");
    load("land-price", 3);
    EXPECT_EQ(get("/readyz").status, 200);
    load("flat-price", 5);
    EXPECT_EQ(ask(m_flat)["model_version"], "v5") << "the version that was loaded last";
    ASSERT_TRUE(succeeded(m_server->unload(name("flat-price"), {5})));
    EXPECT_EQ(ask(m_flat)["model_version"], "v2");
    ASSERT_TRUE(succeeded(m_server->unload(name("flat-price"), {2})));
    EXPECT_EQ(ask(m_flat, 503)["error"]["code"], "unavailable");
    EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(FieldRouteTest, TruthIsJoinedByTheModelThatAnswered) {
    loadAll();
    ask({{"inputs", {m_land, m_flat, m_house}}, {"request_id", "b"}});
    const auto within = [&](const std::string& model, const std::string& version) {
        const auto scrape =
            valueOf(m_client.send({.url = fmt::format("http://127.0.0.1:{}/metrics", m_truth->port())}));
        return valueIn(scrape.body, fmt::format(R"(ml_labelled_total{{model="{}",model_version="{}",)"
                                                R"(predicted="within",role="stable",truth="any"}})",
                                                model, version));
    };
    ASSERT_TRUE(waitUntil([&] { return within("land-price", "v3") == 0; }));
    const json feedback = {{{"model", "land-price"}, {"request_id", "b/0"}, {"truth", 1}},
                           {{"model", "flat-price"}, {"request_id", "b/1"}, {"truth", 1}},
                           {{"model", "land-price"}, {"request_id", "b/2"}, {"truth", 1}}};
    ASSERT_EQ(post("/v1/feedback", feedback.dump()).status, 202);
    EXPECT_TRUE(waitUntil([&] { return within("land-price", "v3") == 1 && within("flat-price", "v2") == 1; }));
    EXPECT_EQ(within("home-price", "v1"), 0) << "the third was given for a model that did not answer that row";
}

TEST_F(FieldRouteTest, ThePathBelongsToTheDefaultModel) {
    load("home-price", 1);
    EXPECT_THAT(
        m_server->load(
            {.package = PriceModels::instance().package("flat-price"), .version = {2}, .aliasPath = "/predict_price"}),
        failsWith(ErrorCode::Conflict, HasSubstr("/predict_price belongs to the model home-price")));
}

} // namespace
} // namespace perch::test
