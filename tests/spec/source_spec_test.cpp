#include "core/spec/model_spec.h"
#include "core/spec/source_spec.h"
#include "tests/support/test_support.h"

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

std::vector<SourceSpec> sourcesOf(const std::string& sources) {
    return valueOf(parseModelSpec("model: a\ntable: x\nsources:\n" + sources, "p.yaml")).sources;
}

TEST(SourceSpec, ReadsTheThreeKinds) {
    const auto sources = sourcesOf(
        "  x: {path: \"s3://shop/c/*.csv.gz\", format: csv, delimiter: \";\", endpoint: \"http://127.0.0.1:9000\",\n"
        "      region: eu-west-1, access_key: \"env:ACCESS\", secret_key: \"file:/run/secret\"}\n"
        "  y: {postgres: \"host=127.0.0.1 dbname=shop\", password: \"env:PGPASSWORD\", query: \"select 1\"}\n"
        "  z: {rest: \"http://127.0.0.1:80/orders.json\", preset: shopify-orders, token: \"env:TOKEN\", pages: 7}\n"
        "  w: {rest: \"https://a.example/r\", token_header: X-Key, records: /data, fields: {id: /id, city: /a/b}}\n");
    ASSERT_EQ(sources.size(), 4U);
    const auto& file = std::get<FileSource>(sources[0].from);
    EXPECT_EQ(sources[0].name, "x");
    EXPECT_EQ(file.path, "s3://shop/c/*.csv.gz");
    EXPECT_EQ(file.format, FileSource::Format::Csv);
    EXPECT_EQ(file.delimiter, ';');
    EXPECT_EQ(file.region, "eu-west-1");
    EXPECT_EQ(file.accessKey.text(), "env:ACCESS");
    EXPECT_EQ(file.secretKey.text(), "file:/run/secret");
    const auto& postgres = std::get<PostgresSource>(sources[1].from);
    EXPECT_EQ(postgres.connection, "host=127.0.0.1 dbname=shop");
    EXPECT_EQ(postgres.query, "select 1");
    const auto& rest = std::get<RestSource>(sources[2].from);
    EXPECT_EQ(rest.preset, "shopify-orders");
    EXPECT_EQ(rest.pages, 7U);
    const auto& plain = std::get<RestSource>(sources[3].from);
    EXPECT_EQ(plain.records, "/data");
    EXPECT_EQ(plain.fields.at("city"), "/a/b");
    EXPECT_EQ(plain.tokenHeader, "X-Key");
}

TEST(SourceSpec, FormatsAndDefaults) {
    EXPECT_EQ(std::get<FileSource>(sourcesOf("  x: {path: a.csv}\n")[0].from).format, FileSource::Format::FromName);
    EXPECT_EQ(std::get<FileSource>(sourcesOf("  x: {path: a, format: jsonl}\n")[0].from).format,
              FileSource::Format::JsonLines);
    EXPECT_EQ(std::get<FileSource>(sourcesOf("  x: {path: a, delimiter: \"\\t\"}\n")[0].from).delimiter, '\t');
    EXPECT_EQ(std::get<RestSource>(sourcesOf("  x: {rest: \"http://h/x\"}\n")[0].from).pages, 10'000U);
}

TEST(SourceSpec, RefusesWithThePlace) {
    struct RefusedSource {
        const char* source;
        const char* place;
        const char* says;
    };
    const RefusedSource cases[] = {
        {"{path: a, query: b}", "p.yaml:4:16", "unknown key 'query' in sources.x"},
        {"{path: a, rest: \"http://a/\"}", "p.yaml:4:6", "sources.x must have exactly one of path, postgres and rest"},
        {"{}", "p.yaml:4:6", "exactly one of"},
        {"{path: a, format: excel}", "p.yaml:4:24", "sources.x.format must be one of csv, tsv, jsonl, parquet"},
        {"{path: a, delimiter: \"ab\"}", "p.yaml:4:27", "must be one ASCII character"},
        {"{path: a, format: parquet, delimiter: \";\"}", "p.yaml:4:44", "is only for csv and tsv"},
        {"{path: a, region: us-east-1}", "p.yaml:4:24", "is only for a path that begins with s3://"},
        {"{path: \"s3://a\", access_key: \"env:A\"}", "p.yaml:4:35", "needs the other of access_key and secret_key"},
        {"{path: \"s3://a\", access_key: AKIA, secret_key: \"env:A\"}", "p.yaml:4:35", "must be a reference like env:"},
        {"{path: \"s3://a\", endpoint: \"127.0.0.1:9000\"}", "p.yaml:4:33", "must be an address like"},
        {"{postgres: \"host=a\"}", "p.yaml:4:6", "the key 'query' is missing"},
        {"{postgres: \"host=a password=geheim\", query: q}", "p.yaml:4:17", "must not hold a password"},
        {"{postgres: \"postgresql://u:geheim@h/d\", query: q}", "p.yaml:4:17", "must not hold a password"},
        {"{rest: \"ftp://a/\"}", "p.yaml:4:13", "must be an address that begins with https://"},
        {"{rest: \"https://u:geheim@a/\"}", "p.yaml:4:13", "holds no user"},
        {"{rest: \"http://shop.example/\", token: \"env:T\"}", "p.yaml:4:13", "anyone on the way could read the token"},
        {"{rest: \"http://a/\", preset: shop}", "p.yaml:4:34", "must be one of shopify-orders, shopify-customers"},
        {"{rest: \"http://a/\", preset: shopify-orders, records: /a}", "p.yaml:4:59", "is known from the preset"},
        {"{rest: \"http://a/\", records: a}", "p.yaml:4:35", "must be a JSON pointer"},
        {"{rest: \"http://a/\", pages: 0}", "p.yaml:4:33", "must be a whole number from 1"},
        {"a.csv", "p.yaml:4:6", "sources.x must be a mapping"},
    };
    for (const RefusedSource& bad : cases) {
        const auto result =
            parseModelSpec(fmt::format("model: a\ntable: x\nsources:\n  x: {}\n", bad.source), "p.yaml");
        EXPECT_THAT(result, failsWith(ErrorCode::InvalidInput, HasSubstr(bad.says))) << bad.source;
        if (!result) {
            EXPECT_EQ(result.error().where, bad.place) << bad.source;
            EXPECT_THAT(result.error().message, testing::Not(HasSubstr("geheim")));
            EXPECT_THAT(result.error().message, testing::Not(HasSubstr("AKIA")));
        }
    }
}

} // namespace
} // namespace perch::spec
