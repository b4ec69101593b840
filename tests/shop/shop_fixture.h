#pragma once

#include "core/data/csv_reader.h"
#include "tests/e2e/installed_perch.h"
#include "tests/support/servers.h"

namespace perch::test {

/// The four features of row D5 by customer; a missing one is NaN.
using Cells = std::map<std::int64_t, std::map<std::string, double>>;
inline const std::vector<std::string> kFeatures{"days_since_last_purchase", "average_order_value_last_3_months",
    "has_used_discount_code_ever", "support_ticket_count_last_6_months"};

/// A table with customer_id and the features: what pandas wrote, or a dataset.
inline Cells readCells(const std::filesystem::path& path) {
    const RealClock clock;
    const data::Table table = valueOf(data::readCsv(path, clock));
    const data::Column& ids = *valueOf(table.column("customer_id"));
    Cells cells;
    for (const std::string& feature : kFeatures) {
        const data::Column& column = *valueOf(table.column(feature));
        for (std::size_t row = 0; row < table.rows; ++row) {
            const bool text = ids.type == data::FieldType::Category;
            const std::int64_t id = text ? std::stoll(ids.categories[static_cast<std::size_t>(ids.codes[row])])
                                         : static_cast<std::int64_t>(ids.numbers[row]);
            cells[id][feature] = column.numbers[row];
        }
    }
    return cells;
}

/// The generated shop with its three servers and an installed `perch`. The secrets are in the environment only.
class Shop {
public:
    /// NotFound with what this machine lacks.
    static Result<std::unique_ptr<Shop>> open() {
        std::unique_ptr<Shop> shop(new Shop);
        const std::filesystem::path log = shop->m_folder / "make_shop.log";
        ServerProcess maker({"python3", (sourceFolder() / "tests/shop/make_shop.py").string(), shop->generated().string()}, log);
        EXPECT_TRUE(waitUntil([&] { return !maker.running(); }, std::chrono::seconds(120))) << maker.said();
        shop->m_postgres = TRY(PostgresServer::start());
        shop->m_s3 = TRY(S3Server::start());
        shop->m_api = TRY(ShopifyServer::start(shop->generated() / "rest"));
        shop->fill();
        return shop;
    }

    std::filesystem::path folder() const { return m_perch.workspace(); }
    /// The shipped example with the addresses of this run, for another API if one is given.
    std::filesystem::path config(const ShopifyServer* api = nullptr) const {
        std::string text = valueOf(readFile(sourceFolder() / "resources/examples/shop/perch.yaml"));
        const auto put = [&](const std::string& shipped, const std::string& here) {
            const std::size_t place = text.find(shipped);
            ASSERT_NE(place, std::string::npos) << shipped;
            text.replace(place, shipped.size(), here);
        };
        put("http://127.0.0.1:9000", m_s3->endpoint());
        put("http://127.0.0.1:8080/admin/api/2024-10/orders.json", (api == nullptr ? *m_api : *api).url("orders"));
        put("host=127.0.0.1 port=5432 dbname=shop user=reader", m_postgres->connection());
        text += "positive: \"yes\"\nquality: {min_rows: 500, max_missing: 0.5, min_class_share: 0.05, ranges: {age: [0, 120]}}\n"
                "acceptance: {f1: 0.85}\n";
        const std::filesystem::path file = m_folder / (api == nullptr ? "perch.yaml" : "other.yaml");
        valueOf(writeFileAtomically(file, text));
        return file;
    }
    /// An API of the same shop that can be ended, or one that gives only its first orders.
    std::unique_ptr<ShopifyServer> anotherApi() const { return valueOf(ShopifyServer::start(generated() / "rest")); }
    std::unique_ptr<ShopifyServer> anotherApi(std::size_t orders, const std::vector<std::string>& flags) const {
        std::filesystem::create_directories(m_folder / "few");
        std::ifstream all(generated() / "rest/orders.jsonl");
        std::ofstream few(m_folder / "few/orders.jsonl");
        std::string line;
        for (std::size_t i = 0; i < orders && std::getline(all, line); ++i)
            few << line << '\n';
        few.close();
        return valueOf(ShopifyServer::start(m_folder / "few", flags));
    }
    static std::vector<std::string> secrets() { return {S3Server::kSecret, ShopifyServer::kToken, "geheim"}; }

    InstalledPerch& perch() { return m_perch; }
    PerchRun must(const std::vector<std::string>& words) { return m_perch.must(words); }
    PerchRun build(const std::filesystem::path& dataset, const ShopifyServer* api = nullptr) {
        return must({"data", "build", "--config", config(api), "--out", dataset, "--json"});
    }

private:
    Shop() = default;
    std::filesystem::path generated() const { return m_folder / "shop"; }
    void fill() {
        for (const auto& entry : std::filesystem::directory_iterator(generated() / "s3/shop/customers"))
            m_s3->put("shop/customers/" + entry.path().filename().string(), valueOf(readFile(entry.path())));
        m_postgres->run("create table tickets (ticket_id bigint primary key, customer_id bigint, opened_at timestamptz, "
                        "channel text)");
        std::filesystem::permissions(m_folder.path(), std::filesystem::perms(0755));
        m_postgres->run(fmt::format("\\copy tickets from '{}' with (format csv, header)", (generated() / "tickets.csv").string()));
        for (const auto& [name, value] : {std::pair("AWS_ACCESS_KEY_ID", S3Server::kAccess), {"AWS_SECRET_ACCESS_KEY", S3Server::kSecret},
                 {"SHOPIFY_TOKEN", ShopifyServer::kToken}, {"PGPASSWORD", "geheim"}})
            ::setenv(name, value, 1);
    }

    Folder m_folder;
    InstalledPerch m_perch;
    std::unique_ptr<PostgresServer> m_postgres;
    std::unique_ptr<S3Server> m_s3;
    std::unique_ptr<ShopifyServer> m_api;
};

} // namespace perch::test
