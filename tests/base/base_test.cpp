#include "core/base/database.h"
#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/number_format.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/base/workspace.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace perch {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

TEST(Ids, ModelNamesAreDnsLabels) {
    EXPECT_EQ(valueOf(ModelName::parse("credit-risk")).text(), "credit-risk");
    for (const char* bad : {"", "-a", "a-", "Credit", "a b", "a/b", "a_b"})
        EXPECT_THAT(ModelName::parse(bad), failsWith(ErrorCode::InvalidInput, HasSubstr("DNS label"))) << bad;
    EXPECT_FALSE(ModelName::parse(std::string(64, 'a')).has_value());
}

TEST(Ids, VersionsAreWrittenWithOrWithoutV) {
    EXPECT_EQ(valueOf(Version::parse("v7")).number, 7u);
    EXPECT_EQ(valueOf(Version::parse("7")).text(), "v7");
    for (const char* bad : {"", "v", "v0", "0", "7x", "-1", "99999999999"})
        EXPECT_THAT(Version::parse(bad), failsWith(ErrorCode::InvalidInput, HasSubstr("not a version"))) << bad;
}

TEST(Units, PercentIsExactInBasisPoints) {
    EXPECT_EQ(valueOf(Percent::parse("12.5%")).basisPoints(), 1250);
    EXPECT_EQ(valueOf(Percent::parse("25")).text(), "25");
    for (const char* bad : {"", "x", "101", "-1", "nan", "5 %"})
        EXPECT_FALSE(Percent::parse(bad).has_value()) << bad;
}

TEST(Json, BadTextIsAnErrorAndNeverAnException) {
    for (const char* bad : {"", "{", "{\"a\":1e999}", "[1,]", "nan"})
        EXPECT_THAT(parseJson(bad, "the body"), failsWith(ErrorCode::InvalidInput, HasSubstr("the body"))) << bad;
}

TEST(Digest, MatchesThePublishedVector) {
    EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(NumberFormat, FollowsTheDesignLanguage) {
    EXPECT_EQ(formatPercent(0.9264), "92.6\u00a0%");
    EXPECT_EQ(formatPoints(-0.057), "\u22125.7\u00a0pt");
    EXPECT_EQ(formatDecimal(-0.001, 2), "0.00");
    EXPECT_EQ(formatCount(4812), "4,812");
    EXPECT_EQ(formatCount(3'630'000), "3.63\u00a0M");
    EXPECT_EQ(formatLatency(12.44), "12.4\u00a0ms");
    EXPECT_EQ(formatLatency(240.2), "240\u00a0ms");
    EXPECT_EQ(formatLatency(1240), "1.2\u00a0s");
    EXPECT_EQ(formatAge(Seconds(8)), "8\u00a0s");
    EXPECT_EQ(formatAge(Seconds(5 * 3600 + 22 * 60)), "5\u00a0h 22\u00a0min");
    EXPECT_EQ(formatAge(Seconds(3 * 86400 + 11 * 3600)), "3\u00a0d 11\u00a0h");
    EXPECT_EQ(formatPValue(0.00001), "<\u00a00.0001");
}

TEST(Text, FillsPlaceholders) {
    EXPECT_EQ((PERCH_TEXT("Fleet", "%1 of %2 ready", {"4", "5"}).english()), "4 of 5 ready");
    EXPECT_EQ(verbatim("100 %1").english(), "100 %1");
}

TEST(File, WritesAtomicallyWithPrivateMode) {
    test::Folder folder;
    ASSERT_TRUE(test::succeeded(writeFileAtomically(folder / "a", "one")));
    ASSERT_TRUE(test::succeeded(writeFileAtomically(folder / "a", "two")));
    EXPECT_EQ(valueOf(readFile(folder / "a")), "two");
    struct stat status {};
    ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_THAT(readFile(folder / "b"), failsWith(ErrorCode::NotFound, HasSubstr((folder / "b").string())));
}

TEST(File, AFailedWriteLeavesTheOldFileAndNothingElse) {
    test::Folder folder;
    ASSERT_TRUE(test::succeeded(writeFileAtomically(folder / "a", "old")));
    // A file-size limit stands for the full disk: write() fails in the middle.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit small{4096, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto result = writeFileAtomically(folder / "a", std::string(100'000, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &old);
    EXPECT_THAT(result, failsWith(ErrorCode::Unavailable, HasSubstr((folder / "a").string())));
    EXPECT_EQ(valueOf(readFile(folder / "a")), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, ALockIsHeldByOne) {
    test::Folder folder;
    {
        const FileLock lock = valueOf(FileLock::acquire(folder / "lock"));
        EXPECT_THAT(FileLock::acquire(folder / "lock"), failsWith(ErrorCode::Conflict, HasSubstr("lock")));
    }
    EXPECT_TRUE(FileLock::acquire(folder / "lock").has_value());
}

TEST(Database, RollsBackAFailedTransaction) {
    test::Folder folder;
    Database database = valueOf(Database::open(folder / "x.db", Durability::Full));
    ASSERT_TRUE(test::succeeded(database.migrate({"CREATE TABLE t (a TEXT NOT NULL)"})));
    const auto result = database.transaction([&]() -> Result<void> {
        TRY(TRY(database.prepare("INSERT INTO t VALUES (?)")).bind(1, std::string_view("x")).run());
        return fail(ErrorCode::Conflict, "no");
    });
    EXPECT_THAT(result, failsWith(ErrorCode::Conflict, testing::Eq("no")));
    Statement count = valueOf(database.prepare("SELECT count(*) FROM t"));
    ASSERT_TRUE(valueOf(count.step()));
    EXPECT_EQ(count.integer(0), 0);
}

TEST(Database, ADamagedFileIsCorruptAndNamed) {
    test::Folder folder;
    ASSERT_TRUE(test::succeeded(writeFileAtomically(folder / "x.db", std::string(8192, 'x'))));
    EXPECT_THAT(Database::open(folder / "x.db", Durability::Normal), failsWith(ErrorCode::Corrupt, HasSubstr("x.db")));
}

TEST(Workspace, IsPrivate) {
    test::Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder / "w"));
    struct stat status {};
    ASSERT_EQ(::stat(workspace.root().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
}

} // namespace
} // namespace perch
