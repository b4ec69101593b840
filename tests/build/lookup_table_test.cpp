#include "core/data/build/lookup_table.h"

#include "tests/build/build_fixture.h"

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

constexpr const char* kSources = "sources: {customers: {path: customers.csv}, orders: {path: orders.csv}, log: {path: log.csv}}\n";
constexpr const char* kColumns =
    "  columns:\n"
    "    - {name: recency, from: orders, key: customer_id, time: created_at, aggregate: days_since_last}\n"
    "    - {name: mean_3, from: orders, key: customer_id, time: created_at, value: total, aggregate: mean, window: 3mo}\n"
    "    - {name: coupon, from: orders, key: customer_id, time: created_at, aggregate: any, where: code is not missing}\n"
    "    - {name: count_30, from: orders, key: customer_id, time: created_at, aggregate: count, window: 30d}\n";

class Lookup : public BuildTest {
protected:
    void SetUp() override {
        write("customers.csv", "customer_id,observed\n1,2026-01-01\n2,2026-01-01\n003,2026-01-01\n2,2026-02-01\n4,\n");
        std::string orders = "customer_id,created_at,total,code\n";
        for (int i = 0; i < 40; ++i)
            orders += fmt::format("{},2026-{:02}-{:02}T{:02}:30:00Z,{}.25,{}\n", i % 3 == 0 ? "003" : fmt::format("{}", i % 3), 1 + i % 6,
                                  1 + i % 27, i % 24, 10 + i, i % 5 == 0 ? "CODE" : "");
        write("orders.csv", orders);
    }
    spec::ModelSpec spec() const {
        return specOf(std::string(kSources) + "table: customers\nfeatures:\n  as_of: observed\n" + kColumns);
    }
    /// What the table answers for a key, as `rows()` shows it.
    std::string answer(const std::string& key) const {
        Database database = valueOf(Database::open(m_folder / "features.db", Durability::Normal));
        Statement select = valueOf(database.prepare("SELECT recency, mean_3, coupon, count_30 FROM features WHERE key = ?"));
        select.bind(1, key);
        if (!valueOf(select.step()))
            return "none";
        std::string line;
        for (int i = 0; i < 4; ++i) {
            const Cell cell = select.isNull(i) ? Cell() : i == 2 ? Cell(select.integer(i) != 0) : Cell(select.real(i));
            line += (line.empty() ? "" : " ") + shown(cell);
        }
        return line;
    }
    std::string about(const std::string& name) const {
        Database database = valueOf(Database::open(m_folder / "features.db", Durability::Normal));
        Statement select = valueOf(database.prepare("SELECT value FROM about WHERE name = ?"));
        select.bind(1, name);
        return valueOf(select.step()) ? select.text(0) : "";
    }
};

TEST_F(Lookup, HoldsOneRowForEachEntityAsOfNow) {
    const BuildReport report = valueOf(publishLookup(spec(), context(), m_folder / "features.db"));
    EXPECT_EQ(report.rowsWritten, 4u);
    EXPECT_EQ(about("created"), "2026-05-01T00:00:00.000Z");
    EXPECT_EQ(about("as_of"), "2026-05-01T00:00:00.000Z");
    EXPECT_EQ(about("key"), "customer_id");
    EXPECT_NE(answer("003"), "none"); // a key is a text
    EXPECT_EQ(answer("3"), "none");
    EXPECT_EQ(answer("4"), "- - false 0");
    // A failed publication leaves the table before as it was.
    write("orders.csv", "customer_id,created_at,total,code\n1,2026-01-01,broken,\n");
    EXPECT_THAT(publishLookup(spec(), context(), m_folder / "features.db"), failsWith(ErrorCode::InvalidInput, HasSubstr("broken")));
    EXPECT_NE(answer("003"), "none");
}

TEST_F(Lookup, NeedsFeaturesOfOneEntity) {
    EXPECT_THAT(publishLookup(specOf("data: customers.csv\n"), context(), m_folder / "f.db"),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no features to publish")));
    spec::ModelSpec two = spec();
    two.build.features[1].entity = "shop";
    EXPECT_THAT(publishLookup(two, context(), m_folder / "f.db"), failsWith(ErrorCode::InvalidInput, HasSubstr("one key")));
}

/// No skew: a request that was answered from the lookup table gets, rebuilt later as of its time, the same features.
TEST_F(Lookup, LoggedRequestsAreRebuiltAsTheyWereAnswered) {
    std::string log = "request,customer_id,requested_at\n";
    std::map<std::string, std::string> answered;
    for (int i = 0; i < 5; ++i) {
        valueOf(publishLookup(spec(), context(), m_folder / "features.db"));
        for (const char* key : {"1", "2", "003", "4"}) {
            const std::string request = fmt::format("r{}-{}", i, key);
            answered[request] = answer(key);
            log += fmt::format("{},{},{}\n", request, key, toIso8601(m_clock.now()));
        }
        m_clock.advance(std::chrono::hours(31 * i + 7) + std::chrono::milliseconds(250));
    }
    write("log.csv", log);
    build(std::string(kSources) + "table: log\nfeatures:\n  as_of: requested_at\n" + kColumns);
    std::map<std::string, std::string> rebuilt;
    for (auto& [request, line] : rows()) // without key and time
        rebuilt[request] = line.substr(line.find(' ', line.find(' ') + 1) + 1);
    EXPECT_EQ(rebuilt, answered);
    EXPECT_EQ(answered.size(), 20u);
}

} // namespace
} // namespace perch::data
