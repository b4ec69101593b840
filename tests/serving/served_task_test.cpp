#include "core/data/read_table.h"
#include "core/data/seeded_random.h"
#include "core/data/table_encoder.h"
#include "core/model/predict/predictor.h"
#include "tests/serving/serving_fixture.h"

#include <bit>
#include <fstream>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A model of three classes or a regression, trained on a small table, its server and a truth store.
class ServedTask : public testing::Test {
protected:
    void SetUp() override { m_truth = startTruth(m_folder / "truth.db", m_clock); }

    /// Trains on the column `label` and serves it as `home` v3.
    void serve(const char* label, spec::Task task, double tolerance = 0) {
        const bool numbers = task == spec::Task::Regression;
        data::SeededRandom random(7);
        std::string text = std::string("area,floor,town,") + label + "\n";
        for (int i = 0; i < 500; ++i) {
            const double area = 30 + 100 * random.uniform();
            const auto town = random.below(3);
            const double price = 3'000 * area + 20'000 * static_cast<double>(town) + 30'000 * random.uniform();
            const std::string floor = i % 9 == 0 ? "" : std::to_string(random.below(6));
            const char* kind = area < 60 ? "flat" : area < 100 ? "house, small" : "villa";
            text += fmt::format("{:.2f},{},t{},", area, floor, town);
            text += numbers ? fmt::format("{:.2f}\n", price) : fmt::format("\"{}\"\n", kind);
        }
        std::ofstream(m_folder / "homes.csv") << text;
        const auto type = numbers ? data::FieldType::Number : data::FieldType::Category;
        m_table = valueOf(data::readTable(data::sourceOfPath((m_folder / "homes.csv").string()), {.clock = &m_clock},
            {.declared = {{label, type}}}));
        const model::TrainOutcome outcome = valueOf(model::train(*m_library,
            {.model = valueOf(ModelName::parse("home")), .table = &m_table, .label = label,
                .training = {.task = task, .rounds = 12, .tolerance = tolerance}, .codeVersion = "test", .clock = &m_clock}));
        m_test = outcome.test;
        valueOf(model::writePackage(outcome.parts, m_folder / "package"));
        m_predictor = valueOf(model::Predictor::create(*m_library, valueOf(model::Package::load(m_folder / "package"))));
        const auto encoder = valueOf(data::TableEncoder::create(m_table, m_predictor->package().transform));
        m_offline = valueOf(m_predictor->score(encoder.encode(m_test)));
        startServer();
    }
    void startServer() {
        m_server.reset();
        m_server = valueOf(serving::ModelServer::start(
            {.truthUrl = fmt::format("http://127.0.0.1:{}", m_truth->port())}, m_clock));
        ASSERT_TRUE(succeeded(m_server->load({.package = m_folder / "package", .version = {3}})));
    }

    json row(std::size_t test) const {
        json object = json::object();
        for (const char* name : {"area", "floor", "town"}) {
            const data::Cell cell = valueOf(m_table.column(name))->cell(m_test[test]);
            json& value = object[name];
            if (const double* number = std::get_if<double>(&cell))
                value = *number;
            else if (const std::string* text = std::get_if<std::string>(&cell))
                value = *text;
        }
        return object;
    }
    json post(std::string_view path, const json& body, int status = 200) {
        const auto response = valueOf(m_client.send({.method = "POST",
            .url = fmt::format("http://127.0.0.1:{}{}", m_server->port(), path), .body = body.dump()}));
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body);
    }
    std::string get(std::uint16_t port, std::string_view path) {
        return valueOf(m_client.send({.url = fmt::format("http://127.0.0.1:{}{}", port, path)})).body;
    }
    /// All test rows, in one body of each protocol.
    json predictions() {
        json inputs = json::array();
        for (std::size_t i = 0; i < m_test.size(); ++i)
            inputs.push_back(row(i));
        return post("/predict_home", {{"inputs", inputs}})["predictions"];
    }
    json inferred(const json& outputs = nullptr, int status = 200) {
        json tensors = json::array();
        for (const char* name : {"area", "floor", "town"}) {
            json values = json::array();
            for (std::size_t i = 0; i < m_test.size(); ++i)
                values.push_back(row(i)[name]);
            tensors.push_back({{"name", name}, {"datatype", std::string(name) == "town" ? "BYTES" : "FP64"},
                {"shape", {m_test.size()}}, {"data", values}});
        }
        json body = {{"inputs", tensors}};
        if (!outputs.is_null())
            body["outputs"] = outputs;
        return post("/v2/models/home/infer", body, status);
    }
    std::vector<std::string> outputNames() {
        std::vector<std::string> names;
        const json model = json::parse(get(m_server->port(), "/v2/models/home"));
        for (const json& output : model["outputs"])
            names.push_back(fmt::format("{} {}", output["name"].get<std::string>(), output["datatype"].get<std::string>()));
        return names;
    }
    /// Sums of the truth store.
    std::optional<double> truthMetric(const std::string& name, const std::string& labels) {
        return valueIn(get(m_truth->port(), "/metrics"), fmt::format("{}{{{}}}", name, labels));
    }
    std::optional<double> labelled(const char* truth, const char* predicted) {
        return truthMetric("ml_labelled_total",
            fmt::format(R"(model="home",model_version="v3",predicted="{}",role="stable",truth="{}")", predicted, truth));
    }
    std::optional<double> outcome(const char* name) {
        return truthMetric("ml_predictions_total",
            fmt::format(R"(model="home",model_version="v3",outcome="{}",role="stable")", name));
    }
    json feedback(const std::string& id, const json& truth, int status = 202) {
        return post("/v1/feedback", {{"model", "home"}, {"request_id", id}, {"truth", truth}}, status);
    }

    Folder m_folder;
    RealClock m_clock;
    http::Client m_client;
    data::Table m_table;
    data::Rows m_test;
    std::shared_ptr<const model::XgboostLibrary> m_library = valueOf(model::XgboostLibrary::load());
    std::unique_ptr<model::Predictor> m_predictor;
    std::vector<float> m_offline;
    std::unique_ptr<serving::TruthServer> m_truth;
    std::unique_ptr<serving::ModelServer> m_server;
};

void expectSameBits(const json& answer, float offline, std::size_t row) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(answer.get<float>()), std::bit_cast<std::uint32_t>(offline)) << "row " << row;
}

TEST_F(ServedTask, ThreeClassesAreAnsweredBitByBitLikeOffline) {
    serve("kind", spec::Task::FromLabel);
    const auto& classes = m_predictor->package().card.classes;
    ASSERT_EQ(classes.size(), 3U);
    ASSERT_EQ(m_offline.size(), 3 * m_test.size());
    EXPECT_THAT(outputNames(), testing::ElementsAre("score FP32", "class BYTES"));
    const json answers = predictions(), tensors = inferred();
    ASSERT_EQ(answers.size(), m_test.size());
    for (std::size_t i = 0; i < m_test.size(); ++i) {
        const model::Prediction expected = m_predictor->decide(std::span(m_offline).subspan(3 * i, 3));
        EXPECT_EQ(answers[i]["class"], classes[expected.classIndex]);
        expectSameBits(answers[i]["score"], expected.score, i);
        EXPECT_EQ(answers[i]["confidence"].get<double>(), static_cast<double>(expected.score));
        expectSameBits(tensors["outputs"][0]["data"][i], expected.score, i);
        EXPECT_EQ(tensors["outputs"][1]["data"][i], classes[expected.classIndex]);
        const json alone = post("/v1/models/home:predict", {{"inputs", row(i)}});
        EXPECT_EQ(alone["predictions"][0], answers[i]);
    }
    EXPECT_EQ(inferred({{{"name", "class"}}})["outputs"].size(), 1U);
    const std::string metrics = get(m_server->metricsPort(), "/metrics");
    EXPECT_EQ(valueIn(metrics, R"(ml_requests_total{model="home",model_version="v3",outcome="ok",role="stable"})"),
        static_cast<double>(m_test.size() + 3));
}

TEST_F(ServedTask, ThreeClassesAreJoinedWithTheirTruth) {
    serve("kind", spec::Task::FromLabel);
    ASSERT_TRUE(waitUntil([&] { return labelled("villa", "house, small") == 0; }));
    const json answer = post("/predict_home", {{"inputs", row(0)}, {"request_id", "a"}})["predictions"][0];
    ASSERT_TRUE(waitUntil([&] { return feedback("a", answer["class"])["outcome"] != "waiting"; }));
    const std::string predicted = answer["class"];
    ASSERT_TRUE(waitUntil([&] { return labelled(predicted.c_str(), predicted.c_str()) == 1; }));
    EXPECT_EQ(outcome("correct"), 1);
    EXPECT_THAT(feedback("b", "castle", 400)["error"]["message"], HasSubstr("no class of home"));
}

TEST_F(ServedTask, ARegressionAnswersWithItsNumberAlone) {
    serve("price", spec::Task::Regression, 25'000);
    ASSERT_EQ(m_offline.size(), m_test.size());
    EXPECT_THAT(outputNames(), testing::ElementsAre("score FP32"));
    const json answers = predictions(), tensors = inferred();
    ASSERT_EQ(tensors["outputs"].size(), 1U);
    EXPECT_EQ(tensors["outputs"][0]["name"], "score");
    EXPECT_EQ(tensors["outputs"][0]["datatype"], "FP32");
    for (std::size_t i = 0; i < m_test.size(); ++i) {
        ASSERT_EQ(answers[i].size(), 1U) << answers[i];
        expectSameBits(answers[i]["score"], m_offline[i], i);
        expectSameBits(tensors["outputs"][0]["data"][i], m_offline[i], i);
    }
    EXPECT_EQ(inferred({{{"name", "class"}}}, 400)["error"]["message"], "There is no output \"class\"; there is \"score\".");
}

TEST_F(ServedTask, ARegressionIsRightWithinItsTolerance) {
    serve("price", spec::Task::Regression, 25'000);
    ASSERT_TRUE(waitUntil([&] { return labelled("any", "within") == 0 && labelled("any", "outside") == 0; }));
    EXPECT_EQ(outcome("correct"), 0);
    const auto label = [&](const std::string& id, double distance) {
        const double score = post("/predict_home", {{"inputs", row(0)}, {"request_id", id}})["predictions"][0]["score"];
        ASSERT_TRUE(waitUntil([&] { return feedback(id, score + distance)["outcome"] != "waiting"; }));
    };
    label("near", 24'000);
    label("below", -24'990);
    label("far", 26'000);
    ASSERT_TRUE(waitUntil([&] { return outcome("correct").value_or(0) + outcome("incorrect").value_or(0) == 3; }));
    EXPECT_EQ(labelled("any", "within"), 2);
    EXPECT_EQ(labelled("any", "outside"), 1);
    EXPECT_EQ(outcome("correct"), 2);
    EXPECT_EQ(truthMetric("ml_correct_predictions_total", R"(model="home",model_version="v3",role="stable")"), 2);
    EXPECT_EQ(feedback("x", "cheap", 400)["error"]["message"], "\"cheap\" is no number; home answers with one.");
    EXPECT_EQ(feedback("x", true, 400)["error"]["where"], "truth");
    // The counts are those of the disk: a restarted store goes on from them.
    m_server.reset();
    m_truth.reset();
    m_truth = startTruth(m_folder / "truth.db", m_clock);
    EXPECT_EQ(labelled("any", "within"), 2);
    EXPECT_EQ(outcome("incorrect"), 1);
}

TEST_F(ServedTask, ARegressionWithoutToleranceHasNoQuality) {
    serve("price", spec::Task::Regression);
    post("/predict_home", {{"inputs", row(0)}, {"request_id", "a"}});
    ASSERT_TRUE(waitUntil([&] {
        const int status = valueOf(m_client.send({.method = "POST",
            .url = fmt::format("http://127.0.0.1:{}/v1/feedback", m_server->port()),
            .body = R"({"model":"home","request_id":"a","truth":100000})"})).status;
        return status == 202;
    }));
    ASSERT_TRUE(waitUntil([&] {
        const std::string metrics = get(m_truth->port(), "/metrics");
        return valueIn(metrics, R"(ml_feedback_total{outcome="joined"})").value_or(0) +
                   valueIn(metrics, R"(ml_feedback_total{outcome="late"})").value_or(0) >= 1;
    }));
    EXPECT_EQ(labelled("any", "within"), std::nullopt);
    EXPECT_EQ(outcome("correct"), std::nullopt);
}

} // namespace
} // namespace perch::test
