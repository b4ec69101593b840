#include "core/http/client.h"
#include "tests/shop/shop_fixture.h"

#include <cmath>
#include <set>

/// The whole way of a shop's data: customers in files on S3, orders over a REST API at its worst, tickets in PostgreSQL;
/// built to Parquet with features as of each customer's date, checked, trained, accepted.
namespace perch {
namespace {

using test::PerchRun;
using test::Shop;
using test::valueOf;

/// What is no feature of a customer.
constexpr const char* kNoFeatures = "customer_id,email,created_at,updated_at,observed_at,date";

/// One shop and its servers for all tests: they only read it.
class ShopEndToEnd : public testing::Test {
protected:
    static void SetUpTestSuite() {
        auto opened = Shop::open();
        if (opened)
            shop = std::move(*opened);
        else
            missing = opened.error();
    }
    static void TearDownTestSuite() { shop.reset(); }
    void SetUp() override {
        if (shop)
            return;
        ASSERT_EQ(missing.code, ErrorCode::NotFound) << missing.message;
        GTEST_SKIP() << "NOT TESTED: " << missing.message;
    }
    static nlohmann::json reference() {
        return valueOf(parseJson(valueOf(readFile(test::sourceFolder() / "tests/shop/reference.json")), "reference.json"));
    }
    static std::vector<std::string> filesBelow(const std::filesystem::path& folder) {
        std::vector<std::string> names;
        std::error_code none;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none))
            names.push_back(entry.path().string());
        std::ranges::sort(names);
        return names;
    }
    /// A build whose API goes away for good after some pages.
    static PerchRun buildThatLosesItsApi(const std::filesystem::path& dataset) {
        auto api = shop->anotherApi();
        const std::string requests = api->url("orders").substr(0, api->url("orders").find("/admin")) + "/__requests";
        const pid_t child =
            shop->perch().spawn({"data", "build", "--config", shop->config(api.get()), "--out", dataset, "--json"});
        http::Client client;
        EXPECT_TRUE(test::waitUntil([&] {
            const auto answer = client.send({.url = requests});
            const auto counts = answer ? parseJson(answer->body, "counts") : Result<nlohmann::json>(nlohmann::json());
            return counts && counts->is_object() && counts->value("200", 0) >= 5;
        }, std::chrono::seconds(60)));
        api.reset();
        return shop->perch().wait(child);
    }

    static std::unique_ptr<Shop> shop;
    static Error missing;
};
std::unique_ptr<Shop> ShopEndToEnd::shop;
Error ShopEndToEnd::missing;

TEST_F(ShopEndToEnd, BuiltCheckedTrainedAccepted) {
    const auto dataset = shop->folder() / "dataset";
    const nlohmann::json built = shop->build(dataset).document();
    EXPECT_EQ(built["rows"]["written"], reference()["rows"]) << built.dump(1);
    const std::string table = dataset / "current";
    shop->must({"data", "check", "--config", shop->config(), "--data", table, "--json"});

    // One command from the sources to the registry, and the other seeds from the dataset that it built.
    const nlohmann::json peer = reference()["f1"];
    std::map<std::string, double> ours;
    const nlohmann::json first = shop->must({"train", "--config", shop->config(), "--json"}).document();
    EXPECT_EQ(first["accepted"], true) << first.dump(1);
    EXPECT_EQ(first["version"], "v1");
    ours["42"] = first["metrics"]["f1"].get<double>();
    const nlohmann::json transform = valueOf(parseJson(
        valueOf(readFile(std::filesystem::path(first["package"].get<std::string>()) / "transform.json")), "transform.json"));
    std::set<std::string> inputs;
    for (const nlohmann::json& field : transform["fields"])
        inputs.insert(field["name"].get<std::string>());
    EXPECT_THAT(inputs, testing::UnorderedElementsAre("plan", "country", "age", "store_credit", "marketing", test::kFeatures[0],
                            test::kFeatures[1], test::kFeatures[2], test::kFeatures[3]))
        << "keys, times and the date of the partition are no inputs";
    for (const auto& [seed, f1] : peer.items()) {
        if (!ours.contains(seed)) {
            ours[seed] = shop->must({"train", "--data", table, "--label", "churned", "--positive", "yes", "--model",
                "shop-churn", "--ignore", kNoFeatures, "--seed", seed, "--json"}).document()["metrics"]["f1"].get<double>();
        }
        fmt::print("seed {}: F1 {:.4f}, the peer's {:.4f}\n", seed, ours[seed], f1.get<double>());
    }
    double sum = 0;
    for (const auto& [seed, f1] : ours)
        sum += f1;
    const double mean = sum / static_cast<double>(peer.size());
    RecordProperty("f1_mean", fmt::format("{:.4f}", mean));
    EXPECT_NEAR(mean, reference()["f1_mean"].get<double>(), 0.01);
    EXPECT_NEAR(reference()["f1_mean"].get<double>(), 0.88, 0.005) << "the shop is as hard as it was made";
    EXPECT_EQ(shop->must({"registry", "show", "shop-churn", "--json"}).document()["aliases"]["champion"], "v1");
    for (const std::string& secret : Shop::secrets()) {
        for (const std::string& file : filesBelow(shop->folder())) {
            if (std::filesystem::is_regular_file(file)) {
                EXPECT_EQ(valueOf(readFile(file)).find(secret), std::string::npos) << "a secret is in " << file;
            }
        }
    }
}

TEST_F(ShopEndToEnd, TheFeaturesAreThoseOfPandas) {
    const auto dataset = shop->folder() / "dataset-features";
    shop->build(dataset);
    const test::Cells ours = test::readCells(dataset / "current");
    const test::Cells peers = test::readCells(test::sourceFolder() / "tests/shop/features.csv");
    ASSERT_GE(peers.size(), 300U);
    for (const auto& [customer, features] : peers) {
        ASSERT_TRUE(ours.contains(customer)) << customer;
        for (const auto& [feature, value] : features) {
            const double mine = ours.at(customer).at(feature);
            ASSERT_EQ(std::isnan(mine), std::isnan(value)) << customer << " " << feature;
            if (!std::isnan(value)) {
                ASSERT_NEAR(mine, value, 2e-6 * std::max(1.0, std::abs(value))) << customer << " " << feature;
            }
        }
    }
}

/// Refusals, cut connections, errors and repeated records, on every page: the same dataset as from an API that behaves.
TEST_F(ShopEndToEnd, AnApiAtItsWorstGivesTheSameDataset) {
    constexpr std::size_t kOrders = 3'000;
    const auto calm = shop->anotherApi(kOrders, {});
    const auto worst = shop->anotherApi(kOrders, {"--bad-manners"});
    const nlohmann::json one = shop->build(shop->folder() / "dataset-calm", calm.get()).document();
    const nlohmann::json other = shop->build(shop->folder() / "dataset-worst", worst.get()).document();
    EXPECT_GT(one["rows"]["written"], 0);
    EXPECT_EQ(one["digest"], other["digest"]) << one.dump(1) << other.dump(1);
}

TEST_F(ShopEndToEnd, ASourceThatDiesMidwayLeavesTheDatasetAsItWas) {
    const auto dataset = shop->folder() / "dataset-dies";
    shop->build(dataset);
    const std::vector<std::string> whole = filesBelow(dataset);
    const PerchRun died = buildThatLosesItsApi(dataset);
    EXPECT_EQ(died.exitCode, 3) << died.out << died.err;
    EXPECT_THAT(died.document()["error"]["message"].get<std::string>(), testing::HasSubstr("127.0.0.1"));
    EXPECT_EQ(filesBelow(dataset), whole);
    EXPECT_EQ(test::readCells(dataset / "current").size(), reference()["rows"].get<std::size_t>());
    shop->build(dataset);
    EXPECT_EQ(test::readCells(dataset / "current").size(), reference()["rows"].get<std::size_t>()) << "and works again";
}

} // namespace
} // namespace perch
