#include "core/base/digest.h"
#include "core/data/read_table.h"
#include "tests/data_source/data_files.h"
#include "tests/data_source/source_reading.h"
#include "tests/support/servers.h"

#include <thread>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

SecretReference reference(const char* text) {
    return valueOf(SecretReference::parse(text));
}

class S3Store : public testing::Test {
protected:
    void SetUp() override {
        auto started = test::S3Server::start();
        if (!started && started.error().code == ErrorCode::NotFound)
            GTEST_SKIP() << started.error().message;
        m_server = valueOf(std::move(started));
        ::setenv("PERCH_TEST_ACCESS", test::S3Server::kAccess, 1);
        ::setenv("PERCH_TEST_SECRET", test::S3Server::kSecret, 1);
    }
    spec::SourceSpec source(const std::string& path) const {
        return {.name = "files",
                .from = spec::FileSource{.path = path,
                                         .endpoint = m_server->endpoint(),
                                         .region = "us-east-1",
                                         .accessKey = reference("env:PERCH_TEST_ACCESS"),
                                         .secretKey = reference("env:PERCH_TEST_SECRET")}};
    }

    std::unique_ptr<test::S3Server> m_server;
    SourceContext m_context{.firstDelay = std::chrono::milliseconds(10)};
};

TEST_F(S3Store, ReadsFilesGlobsAndFolders) {
    const std::string one = compressed("id,word\n1,one\n", Compression::Gzip);
    m_server->put("shop/customers/1.csv.gz", one);
    m_server->put("shop/customers/2.csv.gz", compressed("id,word\n2,two\n", Compression::Gzip));
    m_server->put("shop/customers/notes.txt", "nothing");
    m_server->put("shop/parts/day=2026-01-01/a.csv", "x\n1\n");
    m_server->put("shop/parts/day=2026-01-02/b.csv", "x\n2\n");
    const SourceRows single = valueOf(readRows(source("s3://shop/customers/1.csv.gz"), m_context));
    EXPECT_THAT(single.rows, ElementsAre("1|one"));
    EXPECT_EQ(single.content, sha256(one));
    const SourceRows glob = valueOf(readRows(source("s3://shop/customers/*.csv.gz"), m_context));
    EXPECT_THAT(glob.rows, ElementsAre("1|one", "2|two"));
    EXPECT_EQ(glob.places[1], "s3://shop/customers/2.csv.gz row 2");
    const SourceRows folder = valueOf(readRows(source("s3://shop/parts"), m_context));
    EXPECT_THAT(folder.columns, ElementsAre("x", "day"));
    EXPECT_THAT(folder.rows, ElementsAre("1|2026-01-01", "2|2026-01-02"));
    writeParquet(m_server->root() / "shop/p.parquet", 3);
    EXPECT_EQ(valueOf(readRows(source("s3://shop/p.parquet"), m_context)).rows.size(), 3U);
}

TEST_F(S3Store, ReadsManyBlocks) {
    std::string text = "id,text\n";
    for (int i = 0; i < 150'000; ++i)
        text += fmt::format("{},this is row number {}\n", i, i);
    m_server->put("shop/big.csv", text);
    const RealClock clock;
    const Table table = valueOf(readTable(source("s3://shop/big.csv"), {.clock = &clock}, {.columns = {"id"}}));
    EXPECT_EQ(table.rows, 150'000U);
    EXPECT_EQ(table.columns[0].numbers[149'999], 149'999);
    EXPECT_EQ(table.fingerprint.content, sha256(text));
}

TEST_F(S3Store, ErrorsNameThePath) {
    m_server->put("shop/a.csv", "x\n1\n");
    EXPECT_THAT(readRows(source("s3://shop/none.csv"), m_context),
                failsWith(ErrorCode::NotFound, HasSubstr("s3://shop/none.csv")));
    EXPECT_THAT(readRows(source("s3://nobucket/*.csv"), m_context),
                failsWith(ErrorCode::NotFound, HasSubstr("s3://nobucket")));
    EXPECT_THAT(readRows(source("s3://shop/none*.csv"), m_context),
                failsWith(ErrorCode::NotFound, HasSubstr("No file matches s3://shop/none*.csv")));
    ::setenv("PERCH_TEST_SECRET", "wrong", 1);
    const auto denied = readRows(source("s3://shop/a.csv"), m_context);
    EXPECT_THAT(denied, failsWith(ErrorCode::Denied, HasSubstr("s3://shop/a.csv")));
    spec::SourceSpec dead = source("s3://shop/a.csv");
    std::get<spec::FileSource>(dead.from).endpoint = fmt::format("http://127.0.0.1:{}", test::freePort());
    EXPECT_THAT(readRows(dead, m_context), failsWith(ErrorCode::Unavailable, HasSubstr("s3://shop/a.csv")));
}

class Postgres : public testing::Test {
protected:
    static void SetUpTestSuite() {
        auto started = test::PostgresServer::start();
        if (started)
            s_server = std::move(*started);
        else
            s_problem = started.error();
    }
    static void TearDownTestSuite() { s_server.reset(); }
    void SetUp() override {
        if (!s_server && s_problem.code == ErrorCode::NotFound)
            GTEST_SKIP() << s_problem.message;
        ASSERT_TRUE(s_server) << s_problem.message;
        ::setenv("PERCH_TEST_PASSWORD", "geheim", 1);
    }
    static spec::SourceSpec source(const std::string& query) {
        return {.name = "tickets",
                .from = spec::PostgresSource{.connection = s_server->connection(),
                                             .password = reference("env:PERCH_TEST_PASSWORD"),
                                             .query = query}};
    }

    static std::unique_ptr<test::PostgresServer> s_server;
    static Error s_problem;
};

std::unique_ptr<test::PostgresServer> Postgres::s_server;
Error Postgres::s_problem;

TEST_F(Postgres, CellsAreTexts) {
    const SourceRows rows = valueOf(readRows(
        source("select 1 as id, null::text as word, true as yes, 1.50::numeric(9,2) as money, "
               "'2026-01-02 03:04:05+02'::timestamptz as at, '2026-01-02 03:04:05'::timestamp as local, 'Zoë|x' as n "
               "union all select 2, '', false, 'NaN', null, null, null"),
        {}));
    EXPECT_THAT(rows.columns, ElementsAre("id", "word", "yes", "money", "at", "local", "n"));
    EXPECT_THAT(rows.rows, ElementsAre("1||true|1.50|2026-01-02T01:04:05Z|2026-01-02T03:04:05|Zoë|x", "2||false|NaN|||"));
    EXPECT_EQ(rows.places[1], "tickets row 2");
    EXPECT_FALSE(rows.content.empty());
}

TEST_F(Postgres, ManyRowsAreStreamedAndTheDigestIsOfTheCells) {
    const RealClock clock;
    const auto read = [&](const char* query) {
        return valueOf(readTable(source(query), {.clock = &clock}));
    };
    const Table table = read("select g as id, 'word ' || g % 3 as word from generate_series(1, 60000) g");
    EXPECT_EQ(table.rows, 60'000U);
    EXPECT_EQ(table.columns[0].numbers[59'999], 60'000);
    EXPECT_EQ(table.columns[1].categories.size(), 3U);
    EXPECT_EQ(read("select 1 as a").fingerprint.content, read("select 1 as a").fingerprint.content);
    EXPECT_NE(read("select 1 as a").fingerprint.content, read("select 2 as a").fingerprint.content);
}

TEST_F(Postgres, NothingCanBeWritten) {
    s_server->run("CREATE TABLE IF NOT EXISTS t (a int); GRANT ALL ON t TO reader");
    EXPECT_THAT(readRows(source("insert into t values (1) returning a"), {}),
                failsWith(ErrorCode::Denied, HasSubstr("read-only")));
    EXPECT_THAT(readRows(source("commit; insert into t values (1)"), {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("multiple commands")));
    EXPECT_THAT(readRows(source("copy t to stdout"), {}), failsWith(ErrorCode::InvalidInput, HasSubstr("SELECT")));
    EXPECT_THAT(valueOf(readRows(source("select count(*) as n from t"), {})).rows, ElementsAre("0"));
}

TEST_F(Postgres, ErrorsAreOneSentence) {
    EXPECT_THAT(readRows(source("select a from nowhere"), {}),
                failsWith(ErrorCode::NotFound, HasSubstr("relation \"nowhere\" does not exist")));
    EXPECT_THAT(readRows(source("selec 1"), {}), failsWith(ErrorCode::InvalidInput, HasSubstr("syntax error")));
    EXPECT_THAT(readRows(source("select 1 as a, 2 as a"), {}), failsWith(ErrorCode::InvalidInput, HasSubstr("twice")));
    EXPECT_THAT(readRows(source("select 1/(g - 5000) as a from generate_series(1, 9000) g"), {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("division by zero")));
    ::setenv("PERCH_TEST_PASSWORD", "falsch", 1);
    const auto denied = readRows(source("select 1 as a"), {});
    EXPECT_THAT(denied, failsWith(ErrorCode::Denied, HasSubstr("127.0.0.1")));
    EXPECT_EQ(denied.error().message.find("falsch"), std::string::npos);
    spec::SourceSpec dead = source("select 1");
    std::get<spec::PostgresSource>(dead.from).connection = fmt::format("host=127.0.0.1 port={}", test::freePort());
    EXPECT_THAT(readRows(dead, {}), failsWith(ErrorCode::Unavailable, HasSubstr("127.0.0.1")));
    ::unsetenv("PERCH_TEST_PASSWORD");
    EXPECT_THAT(readRows(source("select 1"), {}), failsWith(ErrorCode::NotFound, HasSubstr("PERCH_TEST_PASSWORD")));
}

TEST_F(Postgres, StopsAQueryThatComputes) {
    std::stop_source stop;
    std::jthread stopper([&] {
        test::waitUntil([&] { return false; }, std::chrono::milliseconds(300));
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(readRows(source("select pg_sleep(60)::text as a"), {}, stop.get_token()),
                failsWith(ErrorCode::Cancelled, HasSubstr("cancelled")));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

} // namespace
} // namespace perch::data
