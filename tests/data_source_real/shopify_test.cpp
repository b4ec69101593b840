#include "tests/data_source/source_reading.h"
#include "tests/support/servers.h"

#include <fstream>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

constexpr int kOrders = 1'103;

class Shopify : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream orders(m_folder / "orders.jsonl");
        for (int i = 1; i <= kOrders; ++i)
            orders << fmt::format("{{\"id\":{},\"created_at\":\"2026-01-01T00:00:00Z\",\"total_price\":\"{}.50\","
                                  "\"customer\":{{\"id\":{}}},\"discount_codes\":[{}]}}\n",
                                  5'000'000'000'000 + i, i, i % 7, i % 2 == 0 ? "{\"code\":\"TEN\"}" : "");
        ::setenv("PERCH_TEST_TOKEN", test::ShopifyServer::kToken, 1);
    }
    void start(const std::vector<std::string>& flags) {
        m_server = valueOf(test::ShopifyServer::start(m_folder.path(), flags));
    }
    spec::SourceSpec source(const std::string& query = "") const {
        return {.name = "orders",
                .from = spec::RestSource{.url = m_server->url("orders") + query,
                                         .preset = "shopify-orders",
                                         .token = valueOf(SecretReference::parse("env:PERCH_TEST_TOKEN"))}};
    }

    test::Folder m_folder;
    std::unique_ptr<test::ShopifyServer> m_server;
    SourceContext m_context{.columns = {"order_id", "customer_id", "total_price", "discount_code"},
                            .firstDelay = std::chrono::milliseconds(5)};
};

TEST_F(Shopify, EveryOrderComesOnceHoweverBadTheServerBehaves) {
    start({"--bad-manners"});
    const SourceRows rows = valueOf(readRows(source(), m_context));
    ASSERT_EQ(rows.rows.size(), std::size_t{kOrders});
    for (int i = 1; i <= kOrders; ++i)
        ASSERT_EQ(rows.rows[static_cast<std::size_t>(i - 1)],
                  fmt::format("{}|{}|{}.50|{}", 5'000'000'000'000 + i, i % 7, i, i % 2 == 0 ? "TEN" : ""));
    EXPECT_GT(rows.counts.duplicates, 0U);
    EXPECT_GT(rows.counts.repetitions, 4U);
    EXPECT_THAT(rows.places[0], HasSubstr("orders.json page 1 record 1"));
    EXPECT_THAT(rows.places[250], HasSubstr("page 2 record 4")); // three came again
    EXPECT_FALSE(rows.content.empty());
}

TEST_F(Shopify, ALinkToAnotherHostIsNotFollowed) {
    start({"--evil-link"});
    EXPECT_THAT(readRows(source(), m_context),
                failsWith(ErrorCode::InvalidInput, HasSubstr("links to another server (http://evil.example:80)")));
}

TEST_F(Shopify, ThePageCapIsAnError) {
    start({});
    spec::SourceSpec capped = source();
    std::get<spec::RestSource>(capped.from).pages = 2;
    EXPECT_THAT(readRows(capped, m_context), failsWith(ErrorCode::InvalidInput, HasSubstr("more than 2 pages")));
    EXPECT_EQ(valueOf(readRows(source("?limit=100"), m_context)).rows.size(), std::size_t{kOrders});
}

TEST_F(Shopify, AWrongTokenIsDeniedAndNotShown) {
    start({});
    ::setenv("PERCH_TEST_TOKEN", "shpat_wrong", 1);
    const auto denied = readRows(source(), m_context);
    EXPECT_THAT(denied, failsWith(ErrorCode::Denied, HasSubstr("refuses access (401)")));
    EXPECT_EQ(denied.error().message.find("shpat_wrong"), std::string::npos);
}

} // namespace
} // namespace perch::data
