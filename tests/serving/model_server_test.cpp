#include "core/data/split.h"
#include "core/data/table_encoder.h"
#include "core/model/predict/predictor.h"
#include "tests/serving/serving_fixture.h"
#include "tests/support/load.h"

#include <bit>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kPredict = "/v1/models/churn:predict";
constexpr const char* kAlias = "/predict_churn";
constexpr const char* kInfer = "/v2/models/churn/infer";

/// Rows of the table as one tensor per field.
json tensorsOf(const std::vector<json>& rows, const model::Package& package) {
    json tensors = json::array();
    for (const data::Field& field : package.transform.fields()) {
        json data = json::array();
        for (const json& row : rows)
            data.push_back(row[field.name]);
        const char* type = field.type == data::FieldType::Category  ? "BYTES"
                           : field.type == data::FieldType::Boolean ? "BOOL"
                                                                    : "FP64";
        tensors.push_back({{"name", field.name}, {"datatype", type}, {"shape", {rows.size(), 1}}, {"data", data}});
    }
    return {{"inputs", tensors}};
}

float scoreIn(const json& answer) {
    return answer["predictions"][0]["score"].get<float>();
}

class ModelServerTest : public Serving {
protected:
    std::string body(std::uint32_t row) const { return json{{"inputs", m_churn.row(row)}}.dump(); }
    /// The error object of a refused request.
    json errorOf(const http::Response& response, int status) {
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body)["error"];
    }
    std::string requestsSeries(const char* outcome, const char* role = "stable") const {
        return fmt::format(
            R"(ml_requests_total{{model="churn",model_version="v2",outcome="{}",role="{}"}})", outcome, role);
    }
};

TEST_F(ModelServerTest, AnswersTheTestRowsBitByBitLikeTheOfflinePredictor) {
    start();
    const auto library = valueOf(model::XgboostLibrary::load());
    const auto predictor = valueOf(model::Predictor::create(*library, valueOf(model::Package::load(m_churn.package))));
    std::vector<std::uint8_t> classOf;
    const data::Column& label = *valueOf(m_churn.table.column("churn"));
    for (const std::int32_t code : label.codes)
        classOf.push_back(static_cast<std::uint8_t>(code));
    const data::Rows rows = data::stratifiedSplit(data::allRows(m_churn.table.rows), classOf, 0.2, 42).cut;
    const auto encoder = valueOf(data::TableEncoder::create(m_churn.table, predictor->package().transform));
    const std::vector<float> offline = valueOf(predictor->score(encoder.encode(rows)));
    ASSERT_EQ(offline.size(), 1409U);

    std::vector<json> objects;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        objects.push_back(m_churn.row(rows[i]));
        const json answer = json::parse(post(kPredict, json{{"inputs", objects.back()}}.dump()).body);
        ASSERT_EQ(std::bit_cast<std::uint32_t>(scoreIn(answer)), std::bit_cast<std::uint32_t>(offline[i])) << rows[i];
        ASSERT_EQ(answer["predictions"][0]["class"], offline[i] >= 0.5F ? "Yes" : "No");
    }
    const json batch = json::parse(post(kAlias, json{{"inputs", objects}}.dump()).body);
    const json tensors = json::parse(post(kInfer, tensorsOf(objects, predictor->package()).dump()).body);
    ASSERT_EQ(batch["predictions"].size(), offline.size());
    for (std::size_t i = 0; i < offline.size(); ++i) {
        ASSERT_EQ(batch["predictions"][i]["score"].get<float>(), offline[i]);
        ASSERT_EQ(tensors["outputs"][0]["data"][i].get<float>(), offline[i]);
    }
}

TEST_F(ModelServerTest, SaysWhichModelAnsweredWhichRequest) {
    start();
    const http::Response response =
        post(kPredict, json{{"inputs", m_churn.row(0)}, {"request_id", "order-7"}}.dump(), {{"X-Request-Id", "other"}});
    const json answer = json::parse(response.body);
    EXPECT_EQ(answer["model"], "churn");
    EXPECT_EQ(answer["model_version"], "v2");
    EXPECT_EQ(answer["request_id"], "order-7");
    EXPECT_FALSE(answer.contains("notes"));
    EXPECT_EQ(http::findHeader(response.headers, "x-request-id"), "order-7");
    const json& prediction = answer["predictions"][0];
    const double score = prediction["score"], confidence = prediction["confidence"];
    EXPECT_NEAR(confidence, prediction["class"] == "Yes" ? score : 1 - score, 1e-6);
    EXPECT_EQ(json::parse(post(kPredict, body(0), {{"X-Request-Id", "abc"}}).body)["request_id"], "abc");
    const std::string made = json::parse(post(kPredict, body(0)).body)["request_id"];
    EXPECT_EQ(made.size(), 32U);
}

TEST_F(ModelServerTest, TakesTheBareRowOnTheAliasPathOnly) {
    start();
    const float expected = scoreIn(json::parse(post(kPredict, body(3)).body));
    EXPECT_EQ(scoreIn(json::parse(post(kAlias, m_churn.row(3).dump()).body)), expected);
    EXPECT_EQ(scoreIn(json::parse(post(kAlias, body(3)).body)), expected);
    EXPECT_EQ(scoreIn(json::parse(post("/v1/models/churn%3Apredict", body(3)).body)), expected);
    EXPECT_THAT(errorOf(post(kPredict, m_churn.row(3).dump()), 400)["message"], HasSubstr("\"inputs\""));
}

TEST_F(ModelServerTest, ServesOnAChosenPath) {
    start({}, {.aliasPath = "/score"});
    EXPECT_EQ(post("/score", body(1)).status, 200);
    EXPECT_EQ(post(kAlias, body(1)).status, 404);
}

TEST_F(ModelServerTest, NamesTheWrongField) {
    start();
    const auto with = [&](const std::string& field, const json& value) {
        json row = m_churn.row(0);
        row[field] = value;
        return json{{"inputs", row}}.dump();
    };
    json error = errorOf(post(kPredict, with("tenur", 1)), 400);
    EXPECT_EQ(error["code"], "invalid_input");
    EXPECT_EQ(error["where"], "tenur");
    EXPECT_EQ(error["message"], "The model has no field \"tenur\"; did you mean \"tenure\"?");
    EXPECT_EQ(errorOf(post(kPredict, with("zzzzzzzzzz", 1)), 400)["message"],
        "The model has no field \"zzzzzzzzzz\".");
    error = errorOf(post(kPredict, with("tenure", "many")), 400);
    EXPECT_EQ(error["where"], "tenure");
    EXPECT_EQ(error["message"], "The field \"tenure\" must be a number.");
    EXPECT_EQ(errorOf(post(kPredict, with("tenure", true)), 400)["where"], "tenure");
    EXPECT_EQ(errorOf(post(kPredict, with("contract", 7)), 400)["message"], "The field \"contract\" must be a text.");
    EXPECT_EQ(errorOf(post(kPredict, with("tenure", json::array({1}))), 400)["where"], "tenure");
    EXPECT_EQ(errorOf(post(kPredict, with("tenure", 1e300)), 400)["where"], "tenure");
    EXPECT_EQ(post(kPredict, with("tenure", nullptr)).status, 200);
    EXPECT_EQ(metric(requestsSeries("invalid")), 7);
    EXPECT_EQ(metric(requestsSeries("ok")), 1);
}

TEST_F(ModelServerTest, NamesTheRowOfABatch) {
    start();
    json bad = m_churn.row(1);
    bad["tenure"] = "x";
    const json error = errorOf(post(kPredict, json{{"inputs", {m_churn.row(0), bad}}}.dump()), 400);
    EXPECT_EQ(error["where"], "inputs[1].tenure");
    EXPECT_THAT(error["message"], HasSubstr("inputs[1]"));
}

TEST_F(ModelServerTest, WantsEveryFieldThatWasNeverMissing) {
    start();
    json row = m_churn.row(0);
    row.erase("contract");
    const json error = errorOf(post(kPredict, json{{"inputs", row}}.dump()), 400);
    EXPECT_EQ(error["where"], "contract");
    EXPECT_THAT(error["message"], HasSubstr("send null"));
    // total_charges was missing in some training rows: leaving it out is the same as null.
    row = m_churn.row(0);
    row["total_charges"] = nullptr;
    const float withNull = scoreIn(json::parse(post(kPredict, json{{"inputs", row}}.dump()).body));
    row.erase("total_charges");
    EXPECT_EQ(scoreIn(json::parse(post(kPredict, json{{"inputs", row}}.dump()).body)), withNull);
    EXPECT_EQ(metric(R"(ml_feature_bin_total{bin="missing",feature="total_charges",model="churn",model_version="v2"})"), 2);
}

TEST_F(ModelServerTest, TakesAnUnknownCategoryAsMissingAndSaysSo) {
    start();
    json row = m_churn.row(0);
    row["contract"] = "Ten years";
    const json unseen = json::parse(post(kPredict, json{{"inputs", row}}.dump()).body);
    EXPECT_EQ(unseen["notes"], json({"unseen category in field contract"}));
    row["contract"] = nullptr;
    EXPECT_EQ(scoreIn(json::parse(post(kPredict, json{{"inputs", row}}.dump()).body)), scoreIn(unseen));
    EXPECT_EQ(metric(R"(ml_feature_bin_total{bin="unseen",feature="contract",model="churn",model_version="v2"})"), 1);
    EXPECT_EQ(metric(R"(ml_feature_bin_total{bin="missing",feature="contract",model="churn",model_version="v2"})"), 1);
}

/// Bodies that are no request; each must be answered with 400 and a place, and the server must go on.
TEST_F(ModelServerTest, AnswersEveryMalformedBody) {
    start({.rowLimit = 3});
    const std::string row = m_churn.row(0).dump();
    const std::pair<std::string, std::string> bodies[] = {
        {"", "byte 0"},
        {"{", "byte 2"},
        {"{\"inputs\": {\"tenure\": NaN}}", "byte 23"},
        {"{\"inputs\": {\"tenure\": -Infinity}}", "byte 24"},
        {"{\"inputs\": {\"tenure\": 1e999}}", "byte 0"},
        {"{\"inputs\": {\"tenure\": 01}}", "byte 24"},
        {"{\"inputs\":" + row + "} trailing", ""},
        {"{\"inputs\": \"\xff\xfe\"}", "byte 13"},
        {"[]", "inputs"},
        {"null", "inputs"},
        {"7", "inputs"},
        {"{}", "inputs"},
        {"{\"inputs\": null}", "inputs"},
        {"{\"inputs\": 5}", "inputs"},
        {"{\"inputs\": []}", "inputs"},
        {"{\"inputs\": [[]]}", "inputs[0]"},
        {"{\"inputs\": [{}]}", ""},
        {"{\"inputs\": [" + row + "," + row + "," + row + "," + row + "]}", "inputs"},
        {"{\"inputs\":" + row + ",\"request_id\": 7}", "request_id"},
        {"{\"inputs\":" + row + ",\"request_id\": \"\"}", "request_id"},
        {"{\"inputs\":" + row + ",\"request_id\": \"a\\nb\"}", "request_id"},
        {"{\"inputs\":" + row + ",\"request_id\": \"" + std::string(129, 'x') + "\"}", "request_id"},
        {"{\"inputs\":" + row + ",\"sql\": 1}", "sql"},
        {"{\"inputs\": {\"" + std::string(100'000, 'x') + "\": 1}}", ""},
        {std::string(1 << 20, '['), "byte 33"},
        {"{\"inputs\":" + std::string(9, '[') + std::string(9, ']') + "}", "inputs[0]"},
        {"{\"inputs\":" + std::string(300'000, '[') + std::string(300'000, ']') + "}", "byte 42"},
        {"{\"inputs\": \"" + std::string(100, '[') + "\\\"[\"}", "inputs"},
    };
    for (const auto& [text, where] : bodies) {
        const http::Response response = post(kPredict, text);
        const json error = errorOf(response, 400);
        EXPECT_EQ(error["code"], "invalid_input");
        EXPECT_NE(error["message"], "");
        EXPECT_LT(response.body.size(), 2'000U);
        if (!where.empty()) {
            EXPECT_EQ(error["where"], where) << text.substr(0, 200);
        }
    }
    EXPECT_EQ(post(kPredict, body(0)).status, 200);
    EXPECT_EQ(post(kPredict, body(0), {{"X-Request-Id", "a b"}}).status, 400);
}

TEST_F(ModelServerTest, RefusesABodyOfTenMegabytes) {
    start();
    const json error = errorOf(post(kPredict, std::string(10 << 20, ' ')), 413);
    EXPECT_EQ(error["code"], "invalid_input");
    EXPECT_EQ(metric(requestsSeries("invalid")), 1);
    EXPECT_EQ(post(kPredict, body(0)).status, 200);
}

TEST_F(ModelServerTest, SpeaksTheOpenInferenceProtocol) {
    start();
    EXPECT_EQ(json::parse(get("/v2").body)["name"], "perch-server");
    EXPECT_EQ(get("/v2/health/live").status, 200);
    EXPECT_EQ(get("/v2/health/ready").status, 200);
    for (const char* path : {"/v2/models/churn", "/v2/models/churn/versions/v2", "/v2/models/churn/versions/2"}) {
        const json metadata = json::parse(get(path).body);
        EXPECT_EQ(metadata["name"], "churn");
        EXPECT_EQ(metadata["versions"], json({"v2"}));
        EXPECT_EQ(metadata["inputs"].size(), 19U);
        EXPECT_EQ(metadata["outputs"][1]["name"], "class");
        EXPECT_EQ(get(fmt::format("{}/ready", path)).status, 200);
    }
    EXPECT_EQ(get("/v2/models/churn/versions/v3").status, 404);
    EXPECT_EQ(get("/v2/models/other").status, 404);

    const model::Package package = valueOf(model::Package::load(m_churn.package));
    json request = tensorsOf({m_churn.row(0), m_churn.row(1)}, package);
    request["id"] = "two";
    request["outputs"] = {{{"name", "class"}}};
    const json answer = json::parse(post("/v2/models/churn/versions/2/infer", request.dump()).body);
    EXPECT_EQ(answer["model_name"], "churn");
    EXPECT_EQ(answer["model_version"], "v2");
    EXPECT_EQ(answer["id"], "two");
    ASSERT_EQ(answer["outputs"].size(), 1U);
    EXPECT_EQ(answer["outputs"][0]["datatype"], "BYTES");
    EXPECT_EQ(answer["outputs"][0]["shape"], json({2}));
}

TEST_F(ModelServerTest, NamesTheWrongTensor) {
    start({.rowLimit = 2});
    const model::Package package = valueOf(model::Package::load(m_churn.package));
    const json good = tensorsOf({m_churn.row(0)}, package);
    const auto changed = [&](const std::function<void(json&)>& change) {
        json request = good;
        change(request);
        return errorOf(post(kInfer, request.dump()), 400)["where"].get<std::string>();
    };
    const auto tensor = [](json& request, std::string_view name) -> json& {
        for (json& entry : request["inputs"]) {
            if (entry["name"] == name)
                return entry;
        }
        throw std::runtime_error("no such tensor");
    };
    EXPECT_EQ(post(kInfer, good.dump()).status, 200);
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["name"] = "tenur"; }), "tenur");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["datatype"] = "BYTES"; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "contract")["datatype"] = "FP32"; }), "contract");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["shape"] = {2}; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["shape"] = {1, 2}; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["shape"] = {-1}; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["data"] = {1, 2}; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure")["data"] = {"x"}; }), "tenure");
    EXPECT_EQ(changed([&](json& r) { tensor(r, "tenure").erase("data"); }), "tenure");
    EXPECT_EQ(changed([&](json& r) { r["inputs"].push_back(tensor(r, "tenure")); }), "tenure");
    EXPECT_EQ(changed([&](json& r) { r["inputs"] = json::array(); }), "inputs");
    EXPECT_EQ(changed([&](json& r) { r["inputs"] = {7}; }), "inputs");
    EXPECT_EQ(changed([&](json& r) { r["outputs"] = {{{"name", "other"}}}; }), "outputs");
    EXPECT_EQ(changed([&](json& r) { r["inputs"].erase(r["inputs"].begin()); }),
        good["inputs"][0]["name"].get<std::string>());
    EXPECT_EQ(changed([&](json& r) { r = tensorsOf(std::vector(3, m_churn.row(0)), package); }),
        good["inputs"][0]["name"].get<std::string>());
}

TEST_F(ModelServerTest, IsReadyOnlyWithAModel) {
    m_server = valueOf(serving::ModelServer::start({}, m_clock));
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(errorOf(post(kPredict, body(0)), 503)["message"], "The model is not loaded yet.");
    EXPECT_THAT(m_server->load({.package = m_churn.package, .version = {2}, .name = valueOf(ModelName::parse("other"))}),
        failsWith(ErrorCode::Conflict, HasSubstr("churn")));
    EXPECT_THAT(m_server->load({.package = m_churn.package, .digest = sha256("x"), .version = {2}}),
        failsWith(ErrorCode::Corrupt, testing::_));
    EXPECT_EQ(get("/readyz").status, 503);
    ASSERT_TRUE(succeeded(m_server->load({.package = m_churn.package, .digest = m_churn.digest, .version = {2}})));
    EXPECT_EQ(get("/readyz").status, 200);
    EXPECT_EQ(get("/nothing").status, 404);
    const http::Response wrong = get(kPredict);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(http::findHeader(wrong.headers, "allow"), "POST");
}

TEST_F(ModelServerTest, EverySeriesExistsFromTheStart) {
    start({.programVersion = "9.9"});
    for (const char* role : {"stable", "canary"}) {
        for (const char* outcome : {"ok", "invalid", "overloaded", "error"})
            EXPECT_EQ(metric(requestsSeries(outcome, role)), 0);
        for (const char* endpoint : {kPredict, kAlias, kInfer})
            EXPECT_EQ(metric(fmt::format("model_prediction_latency_seconds_count{{endpoint=\"{}\",model=\"churn\","
                                         "model_version=\"v2\",role=\"{}\"}}", endpoint, role)), 0);
    }
    EXPECT_EQ(metric("ml_build_info{version=\"9.9\"}"), 1);
    EXPECT_EQ(metric(R"(ml_engine_info{engine="perch",model="churn",model_version="v2",reason=""})"), 1);
    const model::Package package = valueOf(model::Package::load(m_churn.package));
    double importance = 0;
    for (const data::FeatureBins& bins : package.reference.features) {
        double share = 0;
        for (const std::string& bin : bins.labels) {
            const std::string labels = fmt::format(
                "{{bin=\"{}\",feature=\"{}\",model=\"churn\",model_version=\"v2\"}}", bin, bins.feature);
            EXPECT_EQ(metric("ml_feature_bin_total" + labels), 0) << labels;
            share += metric("ml_feature_reference_ratio" + labels).value_or(-1);
        }
        EXPECT_NEAR(share, 1, 1e-9) << bins.feature;
        importance += metric(fmt::format("ml_feature_importance_ratio{{feature=\"{}\",model=\"churn\",model_version=\"v2\"}}",
            bins.feature)).value_or(-1);
    }
    EXPECT_NEAR(importance, 1, 1e-9);
    EXPECT_EQ(metric("ml_feature_reference_rows{model=\"churn\",model_version=\"v2\"}"), 5634);
}

TEST_F(ModelServerTest, LeavesTheTreesToXgboostWhereAsked) {
    start();
    const std::string own = post(kPredict, body(4), {{"X-Request-Id", "a"}}).body;
    start({}, {.engine = model::Engine::Xgboost});
    EXPECT_EQ(post(kPredict, body(4), {{"X-Request-Id", "a"}}).body, own);
    EXPECT_EQ(metric(R"(ml_engine_info{engine="xgboost",model="churn",model_version="v2",reason="asked for"})"), 1);
}

TEST_F(ModelServerTest, CountsUnderTheRoleThatTheRouterNames) {
    start();
    EXPECT_EQ(post(kPredict, body(0), {{"X-Perch-Role", "canary"}}).status, 200);
    EXPECT_EQ(post(kPredict, body(0), {{"X-Perch-Role", "king"}}).status, 200);
    EXPECT_EQ(metric(requestsSeries("ok", "canary")), 1);
    EXPECT_EQ(metric(requestsSeries("ok", "stable")), 1);
    EXPECT_EQ(metric(fmt::format("model_prediction_latency_seconds_count{{endpoint=\"{}\",model=\"churn\","
                                 "model_version=\"v2\",role=\"canary\"}}", kPredict)), 1);
}

TEST_F(ModelServerTest, TellsItsStateOnTheAdminSocket) {
    const Folder folder;
    start({.adminSocket = folder / "admin.sock"});
    const auto response =
        valueOf(m_client.send({.url = "http://perch/v1/status", .unixSocket = folder / "admin.sock"}));
    const json status = json::parse(response.body);
    EXPECT_EQ(status["ready"], true);
    EXPECT_EQ(status["models"][0]["digest"], m_churn.digest.hex());
    EXPECT_EQ(get("/v1/status").status, 404);
    EXPECT_EQ(get("/metrics").status, 404);
}

TEST_F(ModelServerTest, AnswersSixteenConnectionsAndDrainsWithoutLoss) {
    start();
    std::vector<std::string> bodies;
    for (std::uint32_t row = 0; row < 200; ++row)
        bodies.push_back(body(row));
    const auto load = LoadGenerator::start({.port = m_server->port(), .connections = 16,
        .next = [&](std::uint64_t index) { return LoadRequest{kAlias, bodies[index % bodies.size()]}; }});
    ASSERT_TRUE(waitUntil([&] { return load->report().answered > 2'000; }));
    ASSERT_TRUE(m_server->drain(std::chrono::seconds(20)));
    const LoadReport report = load->stop();
    EXPECT_EQ(report.lost, 0) << report.text();
    EXPECT_EQ(report.ok, report.sent) << report.text();
    EXPECT_EQ(report.byVersion.at("v2"), report.sent);
}

} // namespace
} // namespace perch::test
