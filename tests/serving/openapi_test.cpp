#include "tests/serving/price_models.h"
#include "tests/serving/serving_fixture.h"

#include <cstdio>
#include <fstream>

namespace perch::test {
namespace {

using nlohmann::json;

/// Runs a command; what it printed on stdout, and how it ended.
std::pair<int, std::string> run(const std::string& command) {
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    char bytes[4096];
    for (std::size_t size = 0; pipe != nullptr && (size = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;)
        text.append(bytes, size);
    const int status = pipe == nullptr ? -1 : ::pclose(pipe);
    return {status < 0 ? -1 : WEXITSTATUS(status), text.substr(0, text.find_last_not_of('\n') + 1)};
}

/// A server of several models, a rule and a truth store, and the requests for it.
class OpenApi : public Serving {
protected:
    void SetUp() override {
        m_truth = startTruth(m_folder / "truth.db", m_clock);
        writeLookupTable(m_folder / "features.db", {.columns = {{"tenure", "number"}, {"total_charges", "number"}},
                                                    .rows = {{"a", {12, 300}}, {"7", {1, nullptr}}}});
        serving::ModelServer::Options options{.truthUrl = fmt::format("http://127.0.0.1:{}", m_truth->port()),
                                              .rules = {PriceModels::rule()}};
        // Of the year 2026: all of it is stale.
        options.lookups["churn"] = {.file = m_folder / "features.db", .maxAge = Seconds(1e-3)};
        start(std::move(options));
        std::uint32_t version = 1;
        for (const char* model : {"home-price", "flat-price", "land-price"})
            ASSERT_TRUE(
                succeeded(m_server->load({.package = PriceModels::instance().package(model), .version = {version++}})));
    }

    void post(const std::string& path, const json& body) {
        m_cases.push_back({"POST", path, body.dump(), json::object()});
    }
    void postText(const std::string& path, const std::string& body) {
        m_cases.push_back({"POST", path, body, json::object()});
    }
    void get(const std::string& path) { m_cases.push_back({"GET", path, nullptr, json::object()}); }

    json changed(const char* field, json value) const {
        json row = m_churn.row(1);
        row[field] = std::move(value);
        return row;
    }
    json without(const char* field) const {
        json row = m_churn.row(1);
        row.erase(field);
        return row;
    }
    /// Rows of the churn model, good and bad.
    std::vector<json> churnRows() const {
        std::vector<json> rows = {json(7), json::array(), json(nullptr), json::object()};
        for (std::uint32_t i = 0; i < 20; ++i)
            rows.push_back(m_churn.row(i * 97));
        for (const json& value : {json(nullptr), json(3), json("x"), json(true), json(1e39), json(-1e300),
                                  json::array(), json::object(), json("")}) {
            for (const char* field : {"tenure", "contract", "partner", "monthly_charges", "unknown_field"})
                rows.push_back(changed(field, value));
        }
        for (const char* field : {"tenure", "contract", "total_charges"}) {
            rows.push_back(without(field));
            for (const json& entity : {json("a"), json("b"), json(7), json(7.0), json(7.5), json(nullptr), json(true),
                                       json(""), json::array()}) {
                rows.push_back(without(field));
                rows.back()["customer_id"] = entity;
            }
        }
        return rows;
    }
    void addPredictions(const std::string& path, const std::vector<json>& rows, bool bare) {
        for (const json& row : rows) {
            post(path, {{"inputs", row}});
            post(path, {{"inputs", {row, rows.back()}}, {"request_id", "a/1"}});
            if (bare)
                post(path, row);
        }
        for (const json& id : {json(""), json("a b"), json("\"q\""), json(std::string(129, 'x')), json(7), json("ok")})
            post(path, {{"inputs", rows.back()}, {"request_id", id}});
        post(path, {{"inputs", rows.back()}, {"more", 1}});
        post(path, {{"inputs", json::array()}});
        for (const char* text : {"", "{", "[]", "7", "{\"inputs\":NaN}", "\xff"})
            postText(path, text);
    }
    static json tensor(const std::string& name, const char* type, json data, json shape = {1}) {
        return {{"name", name}, {"datatype", type}, {"shape", std::move(shape)}, {"data", std::move(data)}};
    }
    void addInfer(const std::string& path) {
        const json area = tensor("area", "FP64", {50}), floor = tensor("floor", "INT32", {2});
        post(path, {{"inputs", {area, floor}}});
        post(path, {{"inputs", {area, floor}}, {"id", "x"}, {"outputs", {{{"name", "score"}}}}});
        post(path,
             {{"inputs", {tensor("area", "FP32", {{50}, {60}}, {2, 1}), tensor("floor", "FP64", {1, nullptr}, {2})}}});
        for (const json& wanted : {json(true), json(false), json(1), json("true"), json(nullptr)}) {
            post(path, {{"inputs", {area, floor}}, {"parameters", {{"binary_data_output", wanted}}}});
            post(path, {{"inputs", {area, floor}},
                        {"outputs", {{{"name", "score"}, {"parameters", {{"binary_data", wanted}}}}}}});
        }
        json bytes = area;
        bytes["parameters"] = {{"binary_data_size", 8}};
        post(path, {{"inputs", {bytes, floor}}});
        bytes["parameters"] = 7;
        post(path, {{"inputs", {bytes, floor}}});
        post(path, {{"inputs", {area}}});
        post(path, {{"inputs", {area, floor, tensor("flor", "FP64", {1})}}});
        post(path, {{"inputs", {area, tensor("floor", "BYTES", {"2"})}}});
        post(path, {{"inputs", {area, tensor("floor", "FP64", {"2"})}}});
        post(path, {{"inputs", {area, tensor("floor", "FP64", {2}, {1, 2})}}});
        post(path, {{"inputs", {area, tensor("floor", "FP64", {2}, {0})}}});
        post(path, {{"inputs", {area, floor}}, {"id", 7}});
        post(path, {{"inputs", {area, floor}}, {"outputs", {{{"name", "class"}}}}});
        post(path, {{"inputs", area}});
        post(path, json::object());
    }
    /// Tensors of the model whose features are looked up.
    void addLookups(const std::string& path) {
        json inputs = json::array();
        const json row = m_churn.row(1);
        for (const auto& [name, value] : row.items()) {
            if (name != "tenure")
                inputs.push_back(tensor(name, value.is_string() ? "BYTES" : "FP64", {value}));
        }
        post(path, {{"inputs", inputs}});
        for (const auto& [type, entity] : {std::pair<const char*, json>{"BYTES", "a"},
                                           {"INT64", 7},
                                           {"FP64", 7},
                                           {"BYTES", nullptr},
                                           {"BYTES", true},
                                           {"INT32", 7.5}}) {
            json with = inputs;
            with.push_back(tensor("customer_id", type, {entity}));
            post(path, {{"inputs", with}});
        }
        inputs.push_back(tensor("tenure", "INT8", {5}));
        post(path, {{"inputs", inputs}});
    }
    json check() {
        std::ofstream(m_folder / "cases.json") << json(m_cases).dump(-1, ' ', false, json::error_handler_t::replace);
        const auto [code, said] =
            run(fmt::format("{} {} {} {} 2>&1", m_python, (sourceFolder() / "tests/serving/check_openapi.py").string(),
                            url(), (m_folder / "cases.json").string()));
        EXPECT_EQ(code, 0) << said;
        return json::parse(said, nullptr, false);
    }

    const Folder m_folder;
    std::unique_ptr<serving::TruthServer> m_truth;
    std::string m_python;
    std::vector<json> m_cases;
};

TEST_F(OpenApi, RequestsAndAnswersFitTheDocument) {
    const auto [code, python] = run((sourceFolder() / "scripts/openapi-python").string() + " 2>&1");
    if (code == 3)
        GTEST_SKIP() << "NOT TESTED: " << python;
    ASSERT_EQ(code, 0) << python;
    m_python = python.substr(python.rfind('\n') == std::string::npos ? 0 : python.rfind('\n') + 1);
    addPredictions("/v1/models/churn:predict", churnRows(), false);
    addPredictions("/predict_churn", churnRows(), true);
    const json flat = {{"kind", "flat"}, {"area", 50}, {"floor", 2}},
               land = {{"kind", "land"}, {"area", 8}, {"slope", 1}},
               home = {{"kind", "house"}, {"area", 90}, {"rooms", 3}};
    std::vector<json> rows = {flat, land, home};
    for (const json& kind : {json(3), json("3"), json("castle"), json(nullptr), json(true), json("flat")}) {
        for (json row : {flat, home}) {
            row["kind"] = kind;
            rows.push_back(row);
        }
    }
    rows.push_back({{"area", 90}, {"rooms", 3}});
    rows.push_back({{"area", 90}, {"floor", 3}});
    rows.push_back(land);
    addPredictions("/predict_price", rows, true);
    for (const char* model : {"flat-price", "land-price", "home-price"}) {
        std::vector<json> bare = {json{{"area", 50}, {"floor", 2}}, json{{"area", 50}, {"slope", 2}},
                                  json{{"area", "x"}, {"rooms", 2}}, json{{"area", 50}, {"rooms", 2}}};
        std::string alias = fmt::format("/predict_{}", model);
        std::ranges::replace(alias, '-', '_');
        addPredictions(fmt::format("/v1/models/{}:predict", model), bare, false);
        addPredictions(alias, bare, true);
    }
    for (const char* model : {"churn/v2/2", "home-price/v1/1", "flat-price/v2/2", "land-price/v3/3"}) {
        const std::string text = model, name = text.substr(0, text.find('/'));
        const std::string base = "/v2/models/" + name, number = text.substr(text.rfind('/') + 1);
        for (const std::string& path : {base, base + "/versions/v" + number, base + "/versions/" + number}) {
            get(path);
            get(path + "/ready");
            addInfer(path + "/infer");
        }
    }
    addLookups("/v2/models/churn/infer");
    for (const char* path : {"/healthz", "/readyz", "/v2", "/v2/health/live", "/v2/health/ready", "/openapi.json"})
        get(path);
    const json truth = {{"model", "churn"}, {"request_id", "a/1"}, {"truth", "Yes"}};
    post("/v1/feedback", truth);
    post("/v1/feedback", {truth, truth});
    post("/v1/feedback", {{"model", "churn"}, {"request_id", "a"}});
    post("/v1/feedback", {{"model", "A"}, {"request_id", "a"}, {"truth", "Yes"}});
    post("/v1/feedback", {{"model", "churn"}, {"request_id", "a b"}, {"truth", "Yes"}});
    post("/v1/feedback", {{"model", "churn"}, {"request_id", "a"}, {"truth", {1}}});
    const json report = check();
    EXPECT_GT(report["good"], 150) << report;
    EXPECT_GT(report["bad"], 250) << report;
}

TEST_F(OpenApi, FollowsTheModelsThatAreLoaded) {
    const auto has = [&](const char* path) {
        return json::parse(Serving::get("/openapi.json").body)["paths"].contains(path);
    };
    EXPECT_TRUE(has("/predict_churn"));
    EXPECT_TRUE(has("/v2/models/churn/versions/v2/infer"));
    ASSERT_TRUE(succeeded(m_server->unload(valueOf(ModelName::parse("churn")), {2})));
    EXPECT_FALSE(has("/predict_churn"));
    EXPECT_TRUE(has("/predict_price"));
    EXPECT_EQ(Serving::post("/openapi.json", "{}").status, 405);
}

} // namespace
} // namespace perch::test
