#include "core/spec/event_filter.h"
#include "core/spec/model_spec.h"
#include "tests/support/test_support.h"

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kShop = R"(model: shop-churn
sources:
  customers: {path: customers.csv}
  orders: {path: orders.csv}
table: customers
types: {total_spent: money, created_at: timestamp, active: boolean, plan: category, age: number}
bad_cells: missing
deduplicate: {by: [email, shop], ignore_case: true, newest: updated_at}
features:
  as_of: observed_at
  columns:
    - {name: recency, from: orders, key: customer_id, time: created_at, aggregate: days_since_last}
    - {name: mean_3, from: orders, key: buyer, entity: id, time: created_at, value: total_price, aggregate: mean, window: 3mo}
    - {name: lately, from: orders, key: customer_id, time: created_at, aggregate: count, window: 12h, where: "code = \"A B\""}
)";

TEST(BuildSpec, ReadsEveryKey) {
    const BuildSpec build = valueOf(parseModelSpec(kShop, "perch.yaml")).build;
    EXPECT_EQ(build.table, "customers");
    EXPECT_EQ(build.types.at("total_spent"), ColumnType::Money);
    EXPECT_EQ(build.types.at("created_at"), ColumnType::Timestamp);
    EXPECT_EQ(build.types.at("active"), ColumnType::Boolean);
    EXPECT_EQ(build.types.at("plan"), ColumnType::Category);
    EXPECT_EQ(build.types.at("age"), ColumnType::Number);
    EXPECT_EQ(build.badCells, BadCells::SetMissing);
    EXPECT_THAT(build.deduplicate.by, ElementsAre("email", "shop"));
    EXPECT_TRUE(build.deduplicate.ignoreCase);
    EXPECT_EQ(build.deduplicate.newest, "updated_at");
    EXPECT_EQ(build.asOf, "observed_at");
    ASSERT_EQ(build.features.size(), 3u);
    EXPECT_EQ(build.features[0].aggregate, FeatureSpec::Aggregate::DaysSinceLast);
    EXPECT_EQ(build.features[0].entity, "customer_id");
    EXPECT_EQ(build.features[0].window.months, 0u);
    EXPECT_EQ(build.features[0].window.seconds, Seconds(0));
    EXPECT_EQ(build.features[1].entity, "id");
    EXPECT_EQ(build.features[1].key, "buyer");
    EXPECT_EQ(build.features[1].value, "total_price");
    EXPECT_EQ(build.features[1].window.months, 3u);
    EXPECT_EQ(build.features[2].window.seconds, Seconds(12 * 3600));
    EXPECT_EQ(build.features[2].where, "code = \"A B\"");
}

TEST(BuildSpec, AbsentKeysChangeNothing) {
    const BuildSpec build = valueOf(parseModelSpec("model: m\ndata: a.csv\n", "f")).build;
    EXPECT_EQ(build.table, "");
    EXPECT_EQ(build.badCells, BadCells::Stop);
    EXPECT_TRUE(build.deduplicate.by.empty());
    EXPECT_TRUE(build.features.empty());
}

TEST(BuildSpec, TheExampleIsRead) {
    const auto spec = valueOf(loadModelSpec(test::sourceFolder() / "resources/examples/shop/perch.yaml"));
    EXPECT_EQ(spec.build.features.size(), 4u);
    EXPECT_EQ(spec.build.table, "customers");
}

std::string featureWith(const std::string& rest) {
    return "model: a\nsources: {s: {path: s.csv}}\nfeatures:\n  as_of: t\n  columns:\n    - {" + rest + "}\n";
}

TEST(BuildSpec, NamesThePlaceAndTheProblem) {
    const std::string whole = "name: n, from: s, key: k, time: t, aggregate: ";
    const struct {
        std::string yaml;
        const char* place;
        const char* says;
    } cases[] = {
        {"model: a\nsources: {a: {path: a.csv}, b: {path: b.csv}}\n", "p.yaml:2:10", "the key 'table' must name"},
        {"model: a\nsources: {a: {path: a.csv}}\ntable: c\n", "p.yaml:3:8", "table must name one of the sources, not 'c'"},
        {"model: a\ntypes: {x: text}\n", "p.yaml:2:12", "types.x must be one of number, money"},
        {"model: a\nbad_cells: ignore\n", "p.yaml:2:12", "bad_cells must be one of stop, missing, reject"},
        {"model: a\ndeduplicate: {newest: t}\n", "p.yaml:2:14", "the key 'by' is missing"},
        {"model: a\ndeduplicate: {by: []}\n", "p.yaml:2:19", "deduplicate.by must be a text or a list of texts"},
        {"model: a\nfeatures: {columns: []}\n", "p.yaml:2:11", "the key 'as_of' is missing"},
        {"model: a\nfeatures: {as_of: t}\n", "p.yaml:2:11", "features has no columns"},
        {featureWith("name: n, from: x, key: k, time: t, aggregate: count"), "p.yaml:6:23",
         "features.columns[1].from must name one of the sources, not 'x'"},
        {featureWith("from: s, key: k, time: t, aggregate: count"), "p.yaml:6:7", "the key 'name' is missing"},
        {featureWith(whole + "median"), "p.yaml:6:54", "must be one of count, any, sum"},
        {featureWith(whole + "sum"), "p.yaml:6:54", "'sum' needs the key 'value'"},
        {featureWith(whole + "count, value: v"), "p.yaml:6:68", "is not used by the aggregate 'count'"},
        {featureWith(whole + "count, window: 3"), "p.yaml:6:69", "must be a span with its unit, such as 3mo"},
        {featureWith(whole + "count, window: 1.5mo"), "p.yaml:6:69", "must be whole months"},
        {featureWith(whole + "count, window: -3d"), "p.yaml:6:69", "must be a span"},
        {featureWith(whole + "count, window: 9999999999mo"), "p.yaml:6:69", "must be whole months"},
        {featureWith(whole + "count, where: soon"), "p.yaml:6:68", "where must be like 'COLUMN is missing'"},
        {featureWith(whole + "count, where: a > b"), "p.yaml:6:68", "must compare with a number: 'b' is none"},
        {featureWith(whole + "count, when: a"), "p.yaml:6:61", "unknown key 'when'"},
    };
    for (const auto& bad : cases) {
        const auto result = parseModelSpec(bad.yaml, "p.yaml");
        EXPECT_THAT(result, failsWith(ErrorCode::InvalidInput, HasSubstr(bad.says))) << bad.yaml;
        if (!result) {
            EXPECT_EQ(result.error().where, bad.place) << bad.yaml;
        }
    }
}

TEST(EventFilter, KeepsWhatTheConditionSays) {
    const auto keeps = [](const char* condition, std::optional<std::string_view> cell,
                          std::optional<double> value = std::nullopt) {
        return valueOf(EventFilter::parse(condition)).keeps(cell, value);
    };
    EXPECT_TRUE(keeps("a is missing", std::nullopt));
    EXPECT_FALSE(keeps("a is missing", "x"));
    EXPECT_TRUE(keeps("a is not missing", "x"));
    EXPECT_FALSE(keeps("a is not missing", std::nullopt));
    EXPECT_TRUE(keeps("a = x", "x"));
    EXPECT_FALSE(keeps("a = x", "X"));
    EXPECT_TRUE(keeps("a = \"two words\"", "two words"));
    EXPECT_TRUE(keeps("a = 5", "5.0", 5));
    EXPECT_FALSE(keeps("a = 5", "5.0")); // as a text it is another one
    EXPECT_TRUE(keeps("a != x", "y"));
    EXPECT_FALSE(keeps("a != x", std::nullopt)); // missing is neither
    EXPECT_TRUE(keeps("a >= 2", "2", 2));
    EXPECT_FALSE(keeps("a > 2", "2", 2));
    EXPECT_TRUE(keeps("a < 2", "-3", -3));
    EXPECT_FALSE(keeps("a < 2", "x"));
    EXPECT_FALSE(keeps("a <= 2", std::nullopt));
    EXPECT_EQ(valueOf(EventFilter::parse("\"the column\" is missing")).column, "the column");
    EXPECT_THAT(EventFilter::parse("\"a is missing"), failsWith(ErrorCode::InvalidInput, HasSubstr("never closed")));
    EXPECT_THAT(EventFilter::parse(""), failsWith(ErrorCode::InvalidInput, HasSubstr("COLUMN")));
}

} // namespace
} // namespace perch::spec
