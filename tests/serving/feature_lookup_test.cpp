#include "core/data/read_table.h"
#include "tests/serving/serving_fixture.h"

#include <atomic>
#include <fstream>
#include <thread>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A clock that is moved while servers read it.
class MovedClock final : public Clock {
public:
    SystemTime now() const override { return fromMillis(m_millis); }
    SteadyTime steadyNow() const override { return m_real.steadyNow(); }
    void advance(std::chrono::milliseconds by) { m_millis += by.count(); }

private:
    RealClock m_real;
    std::atomic<std::int64_t> m_millis = toMillis(SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 5 / 1)));
};

constexpr const char* kFound = "found";
constexpr const char* kUnknown = "unknown";
constexpr const char* kStaleRows = "stale";

/// The churn model with two of its fields in a lookup table.
class FeatureLookupTest : public Serving {
protected:
    void SetUp() override { writeLookupTable(m_file, content()); }
    void TearDown() override { m_server.reset(); } // before its clock

    LookupContent content() const {
        LookupContent content{
            .columns = {{"tenure", "number"}, {"monthly_charges", "number"}, {"not_in_model", "number"}}};
        for (std::uint32_t i = 0; i < 20; ++i)
            content.rows[key(i)] = {m_churn.row(i)["tenure"], m_churn.row(i)["monthly_charges"], 7};
        content.rows["gap"] = {5, nullptr, nullptr};
        return content;
    }
    static std::string key(std::uint32_t row) { return fmt::format("C{:03}", row); }
    serving::ModelServer::Options options(std::optional<Seconds> maxAge = std::nullopt) const {
        serving::ModelServer::Options options;
        options.lookups["churn"] = {.file = m_file, .maxAge = maxAge, .interval = std::chrono::milliseconds(10)};
        return options;
    }
    void serve(std::optional<Seconds> maxAge = std::nullopt) {
        m_server = valueOf(serving::ModelServer::start(options(maxAge), m_moved));
        ASSERT_TRUE(succeeded(m_server->load({.package = m_churn.package, .version = {2}})));
    }
    /// Row `row` without the fields that are looked up.
    json bare(std::uint32_t row) const {
        json object = m_churn.row(row);
        object.erase("tenure");
        object.erase("monthly_charges");
        return object;
    }
    json bare(std::uint32_t row, const json& entity) const {
        json object = bare(row);
        object["customer_id"] = entity;
        return object;
    }
    json ask(const json& inputs, int status = 200) {
        const http::Response response = post("/v1/models/churn:predict", json{{"inputs", inputs}}.dump());
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body);
    }
    float scoreOf(const json& row) { return ask(row)["predictions"][0]["score"].get<float>(); }
    json infer(const std::vector<json>& rows, const char* keyType = "BYTES", int status = 200) {
        json tensors = json::array();
        for (const auto& [name, value] : rows[0].items()) {
            json data = json::array();
            for (const json& row : rows)
                data.push_back(row[name]);
            const char* type = name == "customer_id" ? keyType
                               : value.is_string()   ? "BYTES"
                               : value.is_boolean()  ? "BOOL"
                                                     : "FP64";
            tensors.push_back({{"name", name}, {"datatype", type}, {"shape", {rows.size()}}, {"data", data}});
        }
        const http::Response response = post("/v2/models/churn/infer", json{{"inputs", tensors}}.dump());
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body);
    }
    double rows(const char* result, const char* role = "stable") {
        return metric(fmt::format(R"(ml_lookup_rows_total{{model="churn",model_version="v2",result="{}",role="{}"}})",
                                  result, role))
            .value_or(-1);
    }
    double reloads(const char* result) {
        return metric(fmt::format(R"(ml_lookup_reloads_total{{model="churn",model_version="v2",result="{}"}})", result))
            .value_or(-1);
    }
    double age() { return metric(R"(ml_lookup_age_seconds{model="churn",model_version="v2"})").value_or(-1); }

    const Folder m_folder;
    const std::filesystem::path m_file = m_folder / "features.db";
    MovedClock m_moved;
};

TEST_F(FeatureLookupTest, FillsWhatTheRequestLeavesOutInEveryForm) {
    serve();
    EXPECT_EQ(rows(kFound), 0);
    json batch = json::array();
    std::vector<json> tensors;
    std::vector<float> expected;
    for (std::uint32_t i = 0; i < 20; ++i) {
        expected.push_back(scoreOf(m_churn.row(i)));
        EXPECT_EQ(scoreOf(bare(i, key(i))), expected.back()) << i;
        EXPECT_EQ(scoreOf(bare(i, " " + key(i) + "\t")), expected.back()) << "published without spaces";
        batch.push_back(bare(i, key(i)));
        tensors.push_back(bare(i, key(i)));
    }
    EXPECT_EQ(rows(kFound), 40);
    const json alias = json::parse(post("/predict_churn", bare(3, key(3)).dump()).body);
    EXPECT_EQ(alias["predictions"][0]["score"].get<float>(), expected[3]);
    EXPECT_FALSE(alias.contains("stale_features"));
    EXPECT_FALSE(alias.contains("notes"));
    const json answers = ask(batch);
    const json inferred = infer(tensors);
    EXPECT_FALSE(inferred.contains("parameters"));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(answers["predictions"][i]["score"].get<float>(), expected[i]);
        EXPECT_EQ(inferred["outputs"][0]["data"][i].get<float>(), expected[i]);
    }
    EXPECT_EQ(rows(kFound), 81);
    EXPECT_EQ(rows(kFound, "canary"), 0);
}

TEST_F(FeatureLookupTest, WhatTheRequestGivesWins) {
    serve();
    json row = m_churn.row(3);
    row["tenure"] = 70;
    const float expected = scoreOf(row);
    row["customer_id"] = key(4);
    EXPECT_EQ(scoreOf(row), expected);
    EXPECT_EQ(rows(kFound), 0) << "nothing was left to look up";
    json partly = bare(3, key(3));
    partly["tenure"] = nullptr;
    json explicitly = m_churn.row(3);
    explicitly["tenure"] = nullptr;
    EXPECT_EQ(scoreOf(partly), scoreOf(explicitly)) << "null is given, too";
    EXPECT_EQ(rows(kFound), 1);
    // What the table has as missing is missing.
    json gap = m_churn.row(3);
    gap["tenure"] = 5;
    gap["monthly_charges"] = nullptr;
    EXPECT_EQ(scoreOf(bare(3, "gap")), scoreOf(gap));
}

TEST_F(FeatureLookupTest, AnUnknownEntityHasNoFeatures) {
    serve();
    json missing = m_churn.row(3);
    missing["tenure"] = nullptr;
    missing["monthly_charges"] = nullptr;
    const float expected = scoreOf(missing);
    double count = 0;
    for (const json& entity : {json("nobody"), json(""), json(nullptr), json(17), json(17.0)}) {
        const json answer = ask(bare(3, entity));
        EXPECT_EQ(answer["predictions"][0]["score"].get<float>(), expected);
        EXPECT_EQ(answer["notes"], json({"unknown entity in field customer_id"}));
        EXPECT_EQ(rows(kUnknown), ++count);
    }
    EXPECT_EQ(rows(kFound), 0);
    EXPECT_EQ(infer({bare(3, 17), bare(3, 18)}, "INT64")["outputs"][0]["data"][1].get<float>(), expected);
    // A number is the text that publishing makes of it.
    LookupContent numbers = content();
    numbers.rows["9007199254740993"] = numbers.rows[key(3)];
    writeLookupTable(m_file, numbers);
    ASSERT_TRUE(waitUntil([&] { return reloads("loaded") == 1; }));
    EXPECT_EQ(scoreOf(bare(3, std::int64_t{9007199254740993})), scoreOf(m_churn.row(3)));
    EXPECT_EQ(infer({bare(3, std::int64_t{9007199254740993})}, "UINT64")["outputs"][0]["data"][0].get<float>(),
              scoreOf(m_churn.row(3)));
}

TEST_F(FeatureLookupTest, WithoutAnEntityTheFieldsAreNeeded) {
    serve();
    json error = ask(bare(3), 400)["error"];
    EXPECT_EQ(error["where"], "tenure");
    EXPECT_EQ(error["message"], "The field \"tenure\" is not there; send null if its value is missing, or "
                                "\"customer_id\" to have it looked up.");
    json lacking = bare(3, key(3));
    lacking.erase("contract");
    EXPECT_EQ(ask(lacking, 400)["error"]["where"], "contract") << "the table does not have it";
    for (const json& wrong : {json(true), json(1.5), json::array({1}), json::object()})
        EXPECT_EQ(ask(json::array({bare(3, key(3)), bare(3, wrong)}), 400)["error"]["where"], "inputs[1].customer_id");
    EXPECT_EQ(infer({bare(3, 1.5)}, "FP64", 400)["error"]["where"], "customer_id");
    EXPECT_EQ(infer({bare(3)}, "", 400)["error"]["where"], "tenure");
    start(); // another server of the model, without a table
    EXPECT_EQ(ask(bare(3, key(3)), 400)["error"]["where"], "customer_id");
}

TEST_F(FeatureLookupTest, OldFeaturesAreMarkedAndCounted) {
    serve(Seconds(26 * 3600));
    m_moved.advance(std::chrono::hours(26));
    EXPECT_FALSE(ask(bare(3, key(3))).contains("stale_features"));
    m_moved.advance(std::chrono::minutes(60));
    const json answer = ask(json::array({m_churn.row(3), bare(3, key(3))}));
    EXPECT_EQ(answer["stale_features"], true);
    EXPECT_EQ(answer["predictions"][0]["score"], answer["predictions"][1]["score"]) << "answered all the same";
    EXPECT_EQ(infer({bare(3, key(3))})["parameters"], json({{"stale_features", true}}));
    EXPECT_FALSE(ask(m_churn.row(3)).contains("stale_features")) << "the request had its own";
    EXPECT_EQ(rows(kStaleRows), 2);
    EXPECT_EQ(rows(kFound), 1);
    ASSERT_TRUE(waitUntil([&] { return age() == 27 * 3600; }));
    LookupContent fresh = content();
    fresh.asOf = "2026-05-02T02:59:00.000Z";
    writeLookupTable(m_file, fresh);
    ASSERT_TRUE(waitUntil([&] { return age() == 60; }));
    EXPECT_FALSE(ask(bare(3, key(3))).contains("stale_features"));
}

TEST_F(FeatureLookupTest, AReplacedTableIsTakenAndABrokenOneIsNot) {
    serve();
    const float before = scoreOf(bare(3, key(3)));
    std::ofstream(m_folder / "other") << "no table";
    std::filesystem::rename(m_folder / "other", m_file);
    ASSERT_TRUE(waitUntil([&] { return reloads("failed") == 1; }));
    LookupContent wrong = content();
    wrong.model = "other";
    writeLookupTable(m_file, wrong);
    ASSERT_TRUE(waitUntil([&] { return reloads("failed") == 2; }));
    wrong = content();
    wrong.key = "email";
    writeLookupTable(m_file, wrong);
    ASSERT_TRUE(waitUntil([&] { return reloads("failed") == 3; }));
    wrong = content();
    wrong.columns[1].first = "renamed";
    writeLookupTable(m_file, wrong);
    ASSERT_TRUE(waitUntil([&] { return reloads("failed") == 4; }));
    std::filesystem::remove(m_file);
    EXPECT_EQ(scoreOf(bare(3, key(3))), before) << "the one before stays, without a name, too";
    LookupContent next = content();
    next.rows[key(3)][0] = 70;
    writeLookupTable(m_file, next);
    ASSERT_TRUE(waitUntil([&] { return reloads("loaded") == 1; }));
    json expected = m_churn.row(3);
    expected["tenure"] = 70;
    EXPECT_EQ(scoreOf(bare(3, key(3))), scoreOf(expected));
    EXPECT_EQ(reloads("failed"), 4);
}

TEST_F(FeatureLookupTest, NoRequestIsLostWhileTablesAreReplaced) {
    serve();
    const json expected = ask(bare(3, key(3)))["predictions"];
    std::atomic<bool> done = false;
    std::atomic<int> asked = 0, wrong = 0;
    std::vector<std::jthread> users;
    for (int i = 0; i < 3; ++i)
        users.emplace_back([&] {
            http::Client client;
            const std::string body = json{{"inputs", bare(3, key(3))}}.dump();
            while (!done) {
                const auto response =
                    client.send({.method = "POST", .url = url("/v1/models/churn:predict"), .body = body});
                const bool right =
                    response && response->status == 200 && json::parse(response->body)["predictions"] == expected;
                wrong += right ? 0 : 1;
                ++asked;
            }
        });
    for (int i = 1; i <= 8; ++i) {
        writeLookupTable(m_file, content());
        EXPECT_TRUE(waitUntil([&] { return reloads("loaded") == i; }));
    }
    EXPECT_TRUE(waitUntil([&] { return asked > 50; }));
    done = true;
    users.clear();
    EXPECT_EQ(wrong, 0);
}

TEST_F(FeatureLookupTest, AMissingOrWrongTableIsNotServed) {
    const auto refusal = [&] {
        m_server = valueOf(serving::ModelServer::start(options(), m_moved));
        const auto loaded = m_server->load({.package = m_churn.package, .version = {2}});
        EXPECT_EQ(get("/readyz").status, 503);
        return loaded;
    };
    std::filesystem::remove(m_file);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::NotFound, HasSubstr(m_file.string())));
    std::ofstream(m_file) << std::string(4096, 'x');
    EXPECT_THAT(refusal(), failsWith(ErrorCode::Corrupt, HasSubstr(m_file.string())));
    LookupContent wrong = content();
    wrong.model = "other";
    writeLookupTable(m_file, wrong);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::Conflict, HasSubstr("is of the model \"other\", not of churn")));
    wrong = content();
    wrong.schema = "2";
    writeLookupTable(m_file, wrong);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::InvalidInput, HasSubstr("the schema \"2\"")));
    wrong = content();
    wrong.columns[0].second = "boolean";
    writeLookupTable(m_file, wrong);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::InvalidInput, HasSubstr("column \"tenure\" of the lookup table " +
                                                                        m_file.string() + " is a boolean")));
    wrong = content();
    wrong.columns = {{"not_in_model", "number"}};
    wrong.rows.clear();
    writeLookupTable(m_file, wrong);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::InvalidInput, HasSubstr("no field of the model churn")));
    wrong = content();
    wrong.asOf = "yesterday";
    writeLookupTable(m_file, wrong);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::Corrupt, HasSubstr("its moment")));
    // One byte in the middle: nobody would notice until a row of that page is asked for.
    LookupContent many = content();
    for (int i = 0; i < 5'000; ++i)
        many.rows[fmt::format("many{}", i)] = {1, 2, 3};
    writeLookupTable(m_file, many);
    std::fstream(m_file, std::ios::in | std::ios::out | std::ios::binary)
        .seekp(5 * 4096)
        .write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    EXPECT_THAT(refusal(), failsWith(ErrorCode::Corrupt, HasSubstr("damaged")));
}

TEST_F(FeatureLookupTest, TheLogHasTheFeaturesAsTheyWereUsed) {
    serving::ModelServer::Options logging = options();
    spec::PredictionLogSpec kept;
    kept.features = {"tenure", "monthly_charges"};
    kept.fileAge = Seconds(3600);
    logging.log = {.folder = m_folder / "log", .models = {{"churn", kept}}};
    m_server = valueOf(serving::ModelServer::start(std::move(logging), m_moved));
    ASSERT_TRUE(succeeded(m_server->load({.package = m_churn.package, .version = {2}})));
    ask(json::array({bare(3, key(3)), bare(3, "nobody")}));
    m_server.reset(); // writes what waits
    const data::Table table =
        valueOf(data::readTable(data::sourceOfPath((m_folder / "log/churn/v2").string()), {.clock = &m_moved}));
    ASSERT_EQ(table.rows, 2U);
    for (const char* field : {"tenure", "monthly_charges"}) {
        const data::Column& column = *valueOf(table.column(field));
        EXPECT_EQ(std::get<double>(column.cell(0)), m_churn.row(3)[field].get<double>());
        EXPECT_TRUE(std::holds_alternative<std::monostate>(column.cell(1)));
    }
}

} // namespace
} // namespace perch::test
