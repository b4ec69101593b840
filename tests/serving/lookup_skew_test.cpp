#include "core/data/build/lookup_table.h"
#include "core/data/table_encoder.h"
#include "core/http/client.h"
#include "core/model/predict/predictor.h"
#include "core/model/train.h"
#include "core/serving/model_server.h"
#include "tests/build/build_fixture.h"

#include <nlohmann/json.hpp>

#include <bit>

namespace perch::test {
namespace {

using nlohmann::json;

constexpr const char* kEventSources =
    "sources: {customers: {path: customers.csv}, orders: {path: orders.csv}, log: {path: log.csv}}\n";
constexpr const char* kEventFeatures =
    "  columns:\n"
    "    - {name: recency, from: orders, key: customer_id, time: created_at, aggregate: days_since_last}\n"
    "    - {name: mean_3, from: orders, key: customer_id, time: created_at, value: total, aggregate: mean, window: "
    "3mo}\n"
    "    - {name: coupon, from: orders, key: customer_id, time: created_at, aggregate: any, where: code is not "
    "missing}\n"
    "    - {name: count_30, from: orders, key: customer_id, time: created_at, aggregate: count, window: 30d}\n";

/// From events to answers: a model over features as of a date, its lookup table, and a server.
class LookupSkew : public data::BuildTest {
protected:
    void SetUp() override {
        std::string customers = "customer_id,observed,age,churned\n";
        std::string orders = "customer_id,created_at,total,code\n";
        for (int i = 0; i < 240; ++i) {
            const int orderCount = i % 7; // of some none
            customers += fmt::format("{:03},2026-0{}-01,{},{}\n", i, 2 + i % 3, 20 + i % 50,
                                     orderCount < 2 || i % 11 == 0 ? "yes" : "no");
            for (int order = 0; order < orderCount; ++order)
                orders +=
                    fmt::format("{:03},2026-0{}-{:02}T{:02}:30:00Z,{}.25,{}\n", i, 1 + (i + order) % 4,
                                1 + (i * 5 + order) % 27, i % 24, 10 + i % 90, (i + order) % 5 == 0 ? "CODE" : "");
        }
        write("customers.csv", customers);
        write("orders.csv", orders);
        build(std::string(kEventSources) + "table: customers\nfeatures:\n  as_of: observed\n" + kEventFeatures);
        const data::Table table = this->table({.declared = {{"churned", data::FieldType::Category}}});
        const RealClock clock;
        const model::TrainOutcome outcome =
            valueOf(model::train(*m_library, {.model = valueOf(ModelName::parse("shop")),
                                              .table = &table,
                                              .label = "churned",
                                              .positive = "yes",
                                              .training = {.rounds = 20},
                                              .codeVersion = "test",
                                              .noFeatures = {"customer_id", "observed", "date"},
                                              .clock = &clock}));
        valueOf(model::writePackage(outcome.parts, m_folder / "package"));
    }
    void publish() {
        valueOf(data::publishLookup(
            specOf(std::string(kEventSources) + "table: customers\nfeatures:\n  as_of: observed\n" + kEventFeatures),
            context(), m_folder / "features.db"));
    }

    const std::shared_ptr<const model::XgboostLibrary> m_library = valueOf(model::XgboostLibrary::load());
    http::Client m_client;
};

/// No skew: what was answered from the lookup table is, to the bit, what the same code gives offline for features that
/// are built as of the time of the request.
TEST_F(LookupSkew, AnswersAreThoseOfFeaturesBuiltAsOfTheRequest) {
    std::string log = "request,customer_id,requested_at,age\n";
    std::map<std::string, float> answered;
    for (int day = 0; day < 3; ++day) {
        publish();
        const RealClock clock;
        serving::ModelServer::Options options;
        options.lookups["shop"] = {.file = m_folder / "features.db"};
        const auto server = valueOf(serving::ModelServer::start(std::move(options), clock));
        ASSERT_TRUE(succeeded(server->load({.package = m_folder / "package", .version = {1}})));
        json rows = json::array();
        for (int i = 0; i < 240; i += 5) {
            const std::string key = fmt::format("{:03}", i);
            rows.push_back({{"customer_id", key}, {"age", 20 + i}});
            log += fmt::format("r{}-{},{},{},{}\n", day, rows.size() - 1, key, toIso8601(m_clock.now()), 20 + i);
        }
        const http::Response response =
            valueOf(m_client.send({.method = "POST",
                                   .url = fmt::format("http://127.0.0.1:{}/v1/models/shop:predict", server->port()),
                                   .body = json{{"inputs", rows}}.dump()}));
        ASSERT_EQ(response.status, 200) << response.body;
        const json answer = json::parse(response.body);
        EXPECT_FALSE(answer.contains("notes")) << answer["notes"];
        for (std::size_t i = 0; i < rows.size(); ++i)
            answered[fmt::format("r{}-{}", day, i)] = answer["predictions"][i]["score"].get<float>();
        m_clock.advance(std::chrono::hours(31 * day + 47));
    }
    write("log.csv", log);
    build(std::string(kEventSources) + "table: log\nfeatures:\n  as_of: requested_at\n" + kEventFeatures);
    const data::Table rebuilt = table();
    const auto predictor =
        valueOf(model::Predictor::create(*m_library, valueOf(model::Package::load(m_folder / "package"))));
    const auto encoder = valueOf(data::TableEncoder::create(rebuilt, predictor->package().transform));
    const std::vector<float> offline = valueOf(predictor->score(encoder.encode(data::allRows(rebuilt.rows))));
    ASSERT_EQ(offline.size(), answered.size());
    const data::Column& request = *valueOf(rebuilt.column("request"));
    std::set<float> different;
    for (std::uint32_t row = 0; row < rebuilt.rows; ++row) {
        const float online = answered.at(std::get<std::string>(request.cell(row)));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(online), std::bit_cast<std::uint32_t>(offline[row])) << row;
        different.insert(online);
    }
    EXPECT_GT(different.size(), 10U) << "the features matter";
}

} // namespace
} // namespace perch::test
