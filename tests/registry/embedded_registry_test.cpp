#include "core/base/digest.h"
#include "core/registry/embedded_registry.h"
#include "tests/support/test_support.h"

#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace perch::registry {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

const ModelName kChurn = valueOf(ModelName::parse("churn"));

class EmbeddedRegistryTest : public testing::Test {
protected:
    std::unique_ptr<EmbeddedRegistry> open() { return valueOf(EmbeddedRegistry::open(workspace, clock)); }

    NewVersion newVersion(const std::string& content = "package") const {
        const Digest digest = sha256(content);
        NewVersion record;
        record.model = kChurn;
        record.digest = digest;
        record.package = workspace.packages() / digest.hex();
        std::filesystem::create_directories(record.package);
        record.createdBy = "anna@desk";
        record.metrics = {{"accuracy", 0.812}, {"roc_auc", 0.8311111111111111}};
        record.parameters = {{"depth", "5"}, {"learning_rate", "0.05"}};
        record.fingerprint = "abcd";
        record.dataSource = "wa_churn.csv";
        record.codeVersion = "0.1.0";
        record.accepted = true;
        return record;
    }

    test::Folder folder;
    Workspace workspace = valueOf(Workspace::open(folder / "workspace"));
    ManualClock clock{fromMillis(1'790'000'000'000)};
};

TEST_F(EmbeddedRegistryTest, KeepsTheWholeRecord) {
    const VersionRecord added = valueOf(open()->add(newVersion()));
    EXPECT_EQ(added.version.number, 1u);
    const VersionRecord read = valueOf(open()->version(kChurn, Version{1}));
    const NewVersion given = newVersion();
    EXPECT_EQ(read.digest, given.digest);
    EXPECT_EQ(read.package, given.package);
    EXPECT_EQ(read.createdAt, clock.now());
    EXPECT_EQ(read.createdBy, given.createdBy);
    EXPECT_EQ(read.metrics, given.metrics);
    EXPECT_EQ(read.parameters, given.parameters);
    EXPECT_EQ(read.fingerprint, given.fingerprint);
    EXPECT_EQ(read.dataSource, given.dataSource);
    EXPECT_EQ(read.codeVersion, given.codeVersion);
    EXPECT_EQ(read.accepted, std::optional(true));
    EXPECT_EQ(valueOf(open()->models()), std::vector{kChurn});
}

TEST_F(EmbeddedRegistryTest, UndecidedAcceptanceStaysUndecided) {
    NewVersion record = newVersion();
    record.accepted = std::nullopt;
    EXPECT_EQ(valueOf(open()->add(record)).accepted, std::nullopt);
}

TEST_F(EmbeddedRegistryTest, NamesWhatIsMissing) {
    const auto registry = open();
    EXPECT_THAT(registry->version(kChurn, Version{3}), failsWith(ErrorCode::NotFound, HasSubstr("v3 of churn")));
    NewVersion record = newVersion();
    record.package = workspace.packages() / "nowhere";
    EXPECT_THAT(registry->add(record), failsWith(ErrorCode::NotFound, HasSubstr("nowhere")));
    EXPECT_THAT(registry->moveAlias(kChurn, "champion", {}, Version{9}, "anna", ""),
                failsWith(ErrorCode::NotFound, HasSubstr("v9 of churn")));
    EXPECT_THAT(registry->moveAlias(kChurn, "Champion!", {}, {}, "anna", ""),
                failsWith(ErrorCode::InvalidInput, HasSubstr("not an alias")));
    EXPECT_TRUE(valueOf(registry->versions(kChurn)).empty());
}

TEST_F(EmbeddedRegistryTest, MovedWorkspaceStillFindsItsPackages) {
    valueOf(open()->add(newVersion()));
    std::filesystem::rename(workspace.root(), folder / "moved");
    const Workspace moved = valueOf(Workspace::open(folder / "moved"));
    const auto registry = valueOf(EmbeddedRegistry::open(moved, clock));
    EXPECT_TRUE(std::filesystem::is_directory(valueOf(registry->version(kChurn, Version{1})).package));
}

TEST_F(EmbeddedRegistryTest, AliasIsComparedAndSet) {
    const auto registry = open();
    for (const char* content : {"a", "b", "c"})
        valueOf(registry->add(newVersion(content)));
    ASSERT_TRUE(succeeded(registry->moveAlias(kChurn, "production", {}, Version{1}, "anna", "first")));
    EXPECT_EQ(valueOf(registry->aliases(kChurn)), (std::map<std::string, Version>{{"champion", Version{1}}}));
    EXPECT_THAT(registry->moveAlias(kChurn, "champion", Version{2}, Version{3}, "ben", ""),
                failsWith(ErrorCode::Conflict, HasSubstr("is v1 now, expected was v2")));
    EXPECT_THAT(registry->moveAlias(kChurn, "champion", {}, Version{3}, "ben", ""),
                failsWith(ErrorCode::Conflict, HasSubstr("is v1 now, expected was unset")));
    // Where it already is, whatever was expected: nothing to do, nothing to record.
    ASSERT_TRUE(succeeded(registry->moveAlias(kChurn, "champion", Version{2}, Version{1}, "ben", "")));
    EXPECT_EQ(valueOf(registry->aliasHistory(kChurn, "champion")).size(), 1u);
}

TEST_F(EmbeddedRegistryTest, HistoryTellsWhichVersionWasProductionAtATime) {
    const auto registry = open();
    for (const char* content : {"a", "b"})
        valueOf(registry->add(newVersion(content)));
    const SystemTime start = clock.now();
    clock.advance(std::chrono::minutes(1));
    valueOf(registry->moveAlias(kChurn, "champion", {}, Version{1}, "anna", "first"));
    clock.advance(std::chrono::minutes(1));
    valueOf(registry->moveAlias(kChurn, "champion", Version{1}, Version{2}, "ben", "better"));
    clock.advance(std::chrono::minutes(1));
    valueOf(registry->moveAlias(kChurn, "champion", Version{2}, {}, "ben", "withdrawn"));

    const auto at = [&](int seconds) {
        return valueOf(registry->aliasAt(kChurn, "production", start + std::chrono::seconds(seconds)));
    };
    EXPECT_EQ(at(0), std::nullopt);
    EXPECT_EQ(at(59), std::nullopt);
    EXPECT_EQ(at(60), Version{1});
    EXPECT_EQ(at(119), Version{1});
    EXPECT_EQ(at(120), Version{2});
    EXPECT_EQ(at(10'000), std::nullopt);
    const auto history = valueOf(registry->aliasHistory(kChurn, "champion"));
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[1].movedBy, "ben");
    EXPECT_EQ(history[1].reason, "better");
    EXPECT_EQ(history[2].version, std::nullopt);
}

TEST_F(EmbeddedRegistryTest, ClockThatJumpsBackKeepsTheOrder) {
    const auto registry = open();
    for (const char* content : {"a", "b"})
        valueOf(registry->add(newVersion(content)));
    valueOf(registry->moveAlias(kChurn, "champion", {}, Version{1}, "anna", ""));
    const SystemTime first = clock.now();
    clock.advance(std::chrono::hours(-5));
    valueOf(registry->moveAlias(kChurn, "champion", Version{1}, Version{2}, "anna", ""));
    EXPECT_EQ(valueOf(registry->aliasAt(kChurn, "champion", first)), Version{2});
    EXPECT_EQ(valueOf(registry->aliasHistory(kChurn, "champion")).back().movedAt, first);
}

TEST_F(EmbeddedRegistryTest, VersionsAndHistoryCannotBeRewritten) {
    const auto registry = open();
    valueOf(registry->add(newVersion()));
    valueOf(registry->moveAlias(kChurn, "champion", {}, Version{1}, "anna", ""));
    Database database = valueOf(Database::open(workspace.database(), Durability::Normal));
    for (const char* sql : {"DELETE FROM model_version", "UPDATE model_version SET digest = ''",
                            "DELETE FROM alias_history", "UPDATE alias_history SET moved_by = 'nobody'"})
        EXPECT_FALSE(database.execute(sql).has_value()) << sql;
}

TEST_F(EmbeddedRegistryTest, SharesTheFileWithOtherRooms) {
    Database other = valueOf(Database::open(workspace.database(), Durability::Normal));
    ASSERT_TRUE(succeeded(other.migrate("local", {"CREATE TABLE a(x)", "CREATE TABLE b(x)"})));
    valueOf(open()->add(newVersion()));
    ASSERT_TRUE(succeeded(other.migrate("local", {"CREATE TABLE a(x)", "CREATE TABLE b(x)", "CREATE TABLE c(x)"})));
    ASSERT_TRUE(succeeded(other.execute("INSERT INTO c VALUES(1)")));
    EXPECT_THAT(other.migrate("local", {"CREATE TABLE a(x)"}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("local tables were written by a newer Perch")));
    EXPECT_EQ(valueOf(open()->versions(kChurn)).size(), 1u);
}

TEST_F(EmbeddedRegistryTest, DamagedFileIsCorrupt) {
    ASSERT_TRUE(succeeded(writeFileAtomically(workspace.database(), std::string(4096, 'x'))));
    EXPECT_THAT(EmbeddedRegistry::open(workspace, clock), failsWith(ErrorCode::Corrupt, HasSubstr("workspace.db")));
}

TEST_F(EmbeddedRegistryTest, ThreadsNeverGetTheSameNumber) {
    constexpr int kThreads = 4, kEach = 10;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                const auto registry = open();
                for (int i = 0; i < kEach; ++i)
                    valueOf(registry->add(newVersion(std::to_string(t * kEach + i))));
            });
        }
    }
    const auto versions = valueOf(open()->versions(kChurn));
    ASSERT_EQ(versions.size(), std::size_t{kThreads * kEach});
    std::set<Digest> digests;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        EXPECT_EQ(versions[i].version.number, i + 1);
        digests.insert(versions[i].digest);
    }
    EXPECT_EQ(digests.size(), versions.size());
}

TEST_F(EmbeddedRegistryTest, ProcessesThatOpenAFreshWorkspaceAtOnceAgree) {
    constexpr int kProcesses = 4, kEach = 5;
    std::vector<pid_t> children;
    for (int p = 0; p < kProcesses; ++p) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            bool good = true;
            auto registry = EmbeddedRegistry::open(workspace, clock);
            for (int i = 0; good && i < kEach; ++i)
                good = registry && (*registry)->add(newVersion(std::to_string(p * kEach + i))).has_value();
            ::_exit(good ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    const auto versions = valueOf(open()->versions(kChurn));
    ASSERT_EQ(versions.size(), std::size_t{kProcesses * kEach});
    EXPECT_EQ(versions.back().version.number, std::uint32_t{kProcesses * kEach});
}

TEST_F(EmbeddedRegistryTest, OnlyOneOfManyRacersMovesTheAlias) {
    for (int i = 0; i < 8; ++i)
        valueOf(open()->add(newVersion(std::to_string(i))));
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> threads;
        for (std::uint32_t t = 1; t <= 8; ++t) {
            threads.emplace_back([&, t] {
                const auto moved = open()->moveAlias(kChurn, "champion", {}, Version{t}, "racer", "");
                if (moved)
                    ++winners;
                else
                    EXPECT_EQ(moved.error().code, ErrorCode::Conflict);
            });
        }
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(valueOf(open()->aliasHistory(kChurn, "champion")).size(), 1u);
}

} // namespace
} // namespace perch::registry
