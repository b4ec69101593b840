#include "tests/rollout/operations_fixture.h"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace perch::rollout {
namespace {

using fleet::Phase;
using test::failsWith;
using test::Installation;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Operations, AShadowIsStartedChangedAndBecomesACanaryOrEnds) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    const auto mirror = [&] { return valueOf(all.backend.read("Mirror/churn", "target")).value; };
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Shadow, 2))));
    EXPECT_EQ(all.split(), "v1 100") << "users stay with stable";
    EXPECT_EQ(mirror(), "v2 10");
    EXPECT_EQ(all.replicas(2), "1");
    EXPECT_EQ(all.alias("challenger"), "v2");
    EXPECT_EQ(all.phase(), Phase::Shadowing);
    EXPECT_THAT(all.act(all.intent(Action::SetWeight, 0, 25)), failsWith(ErrorCode::Conflict, HasSubstr("no canary")));
    EXPECT_THAT(all.act(all.intent(Action::Start, 3, 10)), failsWith(ErrorCode::Conflict, HasSubstr("v2 shadows")));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Shadow, 2, 100))));
    EXPECT_EQ(mirror(), "v2 100");
    EXPECT_EQ(all.replicas(2), "2");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    EXPECT_EQ(mirror(), "");
    EXPECT_EQ(all.split(), "v1 90, v2 10");
    EXPECT_EQ(all.phase(), Phase::Stepping);
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Abort))));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Shadow, 3, 5))));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Abort))));
    EXPECT_EQ(mirror(), "");
    EXPECT_EQ(all.replicas(3), "0");
    EXPECT_EQ(all.alias("challenger"), "");
    EXPECT_EQ(all.phase(), Phase::Aborted);
    const auto records = valueOf(all.operations->auditRecords());
    ASSERT_EQ(records.size(), 6u);
    EXPECT_EQ(records.front().action, "shadow");
    EXPECT_EQ(records.front().result, "done");
}

TEST(Operations, TheWholeStoryOfACanary) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    const ExecutionReport started = valueOf(all.act(all.intent(Action::Start, 2, 10)));
    EXPECT_EQ(all.split(), "v1 90, v2 10");
    EXPECT_EQ(all.replicas(2), "1");
    EXPECT_EQ(all.alias("challenger"), "v2");
    EXPECT_EQ(all.phase(), Phase::Stepping);
    EXPECT_THAT(started.notes, IsEmpty());
    ASSERT_TRUE(started.audit.has_value());
    EXPECT_EQ(started.audit->sequence, 1u);
    EXPECT_EQ(all.record().auditHead, started.audit->hash);

    ASSERT_TRUE(succeeded(all.act(all.intent(Action::SetWeight, 0, 25))));
    EXPECT_EQ(all.split(), "v1 75, v2 25");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Pause))));
    EXPECT_EQ(all.phase(), Phase::Held);
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Resume))));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Promote))));
    EXPECT_EQ(all.split(), "v1 50, v2 50");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::PromoteFully))));
    EXPECT_EQ(all.split(), "v2 100");
    EXPECT_EQ(all.alias("champion"), "v2");
    EXPECT_EQ(all.alias("challenger"), "");
    EXPECT_EQ(all.replicas(2), "2");
    EXPECT_EQ(all.replicas(1), "1") << "one waits for a rollback";
    EXPECT_EQ(all.phase(), Phase::Done);

    ASSERT_TRUE(succeeded(all.act(all.intent(Action::RollBack))));
    EXPECT_EQ(all.split(), "v1 100");
    EXPECT_EQ(all.alias("champion"), "v1");
    EXPECT_EQ(all.replicas(1), "2");
    EXPECT_EQ(all.replicas(2), "0");
    EXPECT_EQ(all.phase(), Phase::RolledBack);

    const auto records = valueOf(all.operations->auditRecords());
    ASSERT_EQ(records.size(), 7u);
    EXPECT_EQ(records.back().action, "roll_back");
    EXPECT_EQ(records.back().actor.identity, "ann@host");
    EXPECT_EQ(records.back().result, "done");
    EXPECT_THAT(records.back().evidence, HasSubstr("\"generation\""));
    EXPECT_EQ(records.back().summary, "Traffic v2 100 -> v1 100");
    EXPECT_THAT(all.auditProblems(), IsEmpty());
}

TEST(Operations, AFieldThatChangedMeanwhileIsAConflictAndNothingIsWritten) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    const Plan plan = valueOf(all.operations->plan(all.intent(Action::SetWeight, 0, 25)));
    all.backend.setField("Route/churn", "split", "v1 80, v2 20");
    EXPECT_THAT(all.operations->execute(plan, {}), failsWith(ErrorCode::Conflict, HasSubstr("v1 80, v2 20")));
    EXPECT_EQ(all.split(), "v1 80, v2 20");
    EXPECT_EQ(all.phase(), Phase::Failed) << "the record had been begun: it says why it stopped";
    EXPECT_THAT(all.record().failure, HasSubstr("read the plan again"));
    EXPECT_EQ(valueOf(all.operations->auditRecords()).back().result, "failed");
    EXPECT_TRUE(succeeded(all.act(all.intent(Action::Abort)))) << "abort needs the identity only";
    EXPECT_EQ(all.split(), "v1 100");
}

TEST(Operations, AnotherObjectOfTheSameNameIsAConflict) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    Plan plan = valueOf(all.operations->plan(all.intent(Action::Start, 2, 10)));
    for (Step& step : plan.steps) {
        if (step.field == "split")
            step.uid = "uid-of-the-old-one";
    }
    EXPECT_THAT(all.operations->execute(plan, {}), failsWith(ErrorCode::Conflict, HasSubstr("not the one")));
    EXPECT_EQ(all.split(), "v1 100");
}

TEST(Operations, AnOldPlanIsMadeAgain) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    const Plan same = valueOf(all.operations->plan(all.intent(Action::Start, 2, 10)));
    all.clock.advance(std::chrono::seconds(61));
    ASSERT_TRUE(succeeded(all.operations->execute(same, {})));
    const Plan other = valueOf(all.operations->plan(all.intent(Action::SetWeight, 0, 25)));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::SetWeight, 0, 50))));
    all.clock.advance(std::chrono::seconds(61));
    EXPECT_THAT(all.operations->execute(other, {}), failsWith(ErrorCode::Conflict, HasSubstr("older than 60 s")));
    EXPECT_EQ(all.split(), "v1 50, v2 50");
}

TEST(Operations, APlanIsCarriedOutOnce) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    const Plan plan = valueOf(all.operations->plan(all.intent(Action::Pause)));
    ASSERT_TRUE(succeeded(all.operations->execute(plan, {})));
    EXPECT_THAT(all.operations->execute(plan, {}), failsWith(ErrorCode::Conflict, HasSubstr("already")));
    EXPECT_EQ(valueOf(all.operations->auditRecords()).size(), 2u);
}

TEST(Operations, AFailedStepIsSaidAndCanBeRetried) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    all.backend.onWait = [](const Step& step) -> Result<void> {
        if (step.field == "replicas")
            return fail(ErrorCode::Timeout, "v2 did not get ready in 60 s.");
        return {};
    };
    EXPECT_THAT(all.act(all.intent(Action::Start, 2, 10)), failsWith(ErrorCode::Timeout, HasSubstr("did not get ready")));
    EXPECT_EQ(all.phase(), Phase::Failed);
    EXPECT_EQ(all.record().failure, "V2 did not get ready in 60 s.");
    EXPECT_EQ(all.split(), "v1 100");
    all.backend.onWait = {};
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Retry))));
    EXPECT_EQ(all.split(), "v1 90, v2 10");
    EXPECT_EQ(all.phase(), Phase::Stepping);
    EXPECT_THAT(all.auditProblems(), IsEmpty());
}

TEST(Operations, CancellingLeavesATrueRecord) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    std::stop_source stop;
    all.backend.onWait = [&](const Step& step) -> Result<void> {
        if (step.field == "replicas")
            stop.request_stop();
        return {};
    };
    EXPECT_THAT(all.act(all.intent(Action::Start, 2, 10), stop.get_token()), failsWith(ErrorCode::Cancelled, HasSubstr("Cancelled")));
    EXPECT_EQ(all.phase(), Phase::Failed);
    EXPECT_EQ(valueOf(all.operations->auditRecords()).back().result, "cancelled");
    all.backend.onWait = {};
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Abort))));
    EXPECT_EQ(all.replicas(2), "0");
    EXPECT_EQ(all.phase(), Phase::Aborted);
}

TEST(Operations, OneActorAtATimeAndAbortTakesOver) {
    test::MemoryFolder folder;
    Installation slow(folder / "w");
    Installation other(folder / "w");
    std::atomic<bool> waiting = false;
    std::atomic<bool> release = false;
    slow.backend.onWait = [&](const Step& step) -> Result<void> {
        if (step.field != "replicas")
            return {};
        waiting = true;
        test::waitUntil([&] { return release.load(); });
        return {};
    };
    std::optional<Result<ExecutionReport>> result;
    std::jthread actor([&] { result.emplace(slow.act(slow.intent(Action::Start, 2, 10))); });
    ASSERT_TRUE(test::waitUntil([&] { return waiting.load(); }));

    EXPECT_THAT(other.act(other.intent(Action::Pause)), failsWith(ErrorCode::Conflict, testing::_));
    Intent pause = other.intent(Action::Start, 3, 10);
    EXPECT_THAT(other.act(pause), failsWith(ErrorCode::Conflict, HasSubstr("replicas of v2")));
    ASSERT_TRUE(succeeded(other.act(other.intent(Action::Abort))));
    release = true;
    actor.join();
    EXPECT_THAT(*result, failsWith(ErrorCode::Conflict, HasSubstr("took over")));
    EXPECT_EQ(other.split(), "v1 100");
    EXPECT_EQ(other.replicas(2), "0");
    EXPECT_EQ(other.phase(), Phase::Aborted);
    const auto records = valueOf(other.operations->auditRecords());
    ASSERT_EQ(records.size(), 2u);
    EXPECT_THAT((std::vector<std::string>{records[0].result, records[1].result}),
        testing::UnorderedElementsAre("superseded", "done"));
    EXPECT_THAT(other.auditProblems(), IsEmpty());
}

TEST(Operations, TheLockNamesWhoActs) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    Installation other(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    const Plan plan = valueOf(other.operations->plan(other.intent(Action::Pause)));
    std::optional<Result<ExecutionReport>> seen;
    all.operations->setCrashPoint([&](std::string_view next) {
        if (next == "write" && !seen)
            seen.emplace(other.operations->execute(plan, {}));
    });
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::SetWeight, 0, 25))));
    ASSERT_TRUE(seen.has_value());
    EXPECT_THAT(*seen, failsWith(ErrorCode::Conflict, HasSubstr("ann@host (test) acts on churn")));
}

TEST(Operations, RollbackNeedsNeitherMetricsNorRegistryNorAudit) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::PromoteFully))));
    all.backend.sourcesDown = true;
    all.backend.onWrite = [](const Step& step) -> Result<void> {
        if (step.object.starts_with("Alias/"))
            return fail(ErrorCode::Unavailable, "The registry does not answer.");
        return {};
    };
    // The audit is on a full disk.
    const auto writer = [&] {
        for (const auto& entry : std::filesystem::directory_iterator(all.workspace.audit()))
            return entry.path();
        return std::filesystem::path();
    }();
    std::filesystem::rename(writer, folder / "kept");
    std::filesystem::create_symlink("/dev/full", writer);
    const ExecutionReport report = valueOf(all.act(all.intent(Action::RollBack)));
    EXPECT_EQ(all.split(), "v1 100");
    EXPECT_EQ(all.phase(), Phase::RolledBack);
    EXPECT_FALSE(report.audit.has_value());
    EXPECT_THAT(report.notes, testing::Contains(HasSubstr("registry does not answer")));
    EXPECT_THAT(report.notes, testing::Contains(HasSubstr("waits in the journal")));

    // When the disk has room again the record is written, into an unbroken chain.
    std::filesystem::remove(writer);
    std::filesystem::rename(folder / "kept", writer);
    const auto recovered = valueOf(all.operations->recover());
    ASSERT_EQ(recovered.size(), 1u);
    EXPECT_EQ(recovered[0].result, RecoveredPlan::Result::AuditOnly);
    EXPECT_EQ(valueOf(all.operations->auditRecords()).back().action, "roll_back");
    EXPECT_THAT(all.auditProblems(), IsEmpty());
}

TEST(Operations, ANormalPlanIsRefusedBeforeAnyEffectWhenTheAuditCannotBeWritten) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    for (const auto& entry : std::filesystem::directory_iterator(all.workspace.audit())) {
        std::filesystem::remove(entry.path());
        std::filesystem::create_directory(entry.path());
    }
    EXPECT_FALSE(all.act(all.intent(Action::SetWeight, 0, 25)).has_value());
    EXPECT_EQ(all.split(), "v1 90, v2 10");
}

/// No file may grow beyond what the largest one is now.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t limit) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_old);
        const rlimit small{limit, m_old.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_old); }

private:
    rlimit m_old{};
};

TEST(Operations, APlanStoppedBetweenRecordAndTrafficSaysWhichOfThemHappened) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    std::stop_source stop;
    all.operations->setCrashPoint([&](std::string_view next) {
        if (next == "journal") // the record is written, the traffic comes next; both have been begun
            stop.request_stop();
    });
    EXPECT_THAT(all.act(all.intent(Action::SetWeight, 0, 25), stop.get_token()),
        test::failsWith(ErrorCode::Cancelled, HasSubstr("Send 25 %")));
    all.operations->setCrashPoint({});
    EXPECT_EQ(all.split(), "v1 90, v2 10");
    const AuditRecord record = valueOf(all.operations->auditRecords()).back();
    EXPECT_EQ(record.result, "cancelled");
    ASSERT_GE(record.steps.size(), 2U);
    EXPECT_EQ(record.steps[0].field, "record");
    EXPECT_EQ(record.steps[0].outcome, "done");
    EXPECT_EQ(record.steps[1].field, "split");
    EXPECT_EQ(record.steps[1].outcome, "not begun");
}

TEST(Operations, AbortAndRollbackWorkOnAFullDisk) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    const auto size = [&] { return std::filesystem::file_size(all.workspace.journal()); };
    const std::uintmax_t before = size();
    {
        // Without its reserve the journal would have to grow.
        const FullDisk full(std::max(before, std::filesystem::file_size(all.workspace.journal().string() + "-wal")));
        for (int round = 0; round < 12; ++round) {
            const ExecutionReport aborted = valueOf(all.act(all.intent(Action::Abort)));
            EXPECT_THAT(aborted.notes, IsEmpty());
            ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
        }
        EXPECT_TRUE(succeeded(all.act(all.intent(Action::RollBack, 1))));
    }
    EXPECT_EQ(size(), before);
    EXPECT_EQ(all.split(), "v1 100");
    EXPECT_THAT(all.auditProblems(), IsEmpty());
}

TEST(Operations, ARollbackGoesOnWhenNotEvenTheJournalCanBeWritten) {
    test::MemoryFolder folder;
    Installation all(folder / "w");
    ASSERT_TRUE(succeeded(all.act(all.intent(Action::Start, 2, 10))));
    Database other = valueOf(Database::open(all.workspace.journal(), Durability::Normal));
    ASSERT_TRUE(succeeded(other.execute("DROP TABLE steps")));
    EXPECT_FALSE(all.act(all.intent(Action::SetWeight, 0, 25)).has_value()) << "no journal, no effect";
    EXPECT_EQ(all.split(), "v1 90, v2 10");
    const ExecutionReport report = valueOf(all.act(all.intent(Action::RollBack)));
    EXPECT_EQ(all.split(), "v1 100");
    EXPECT_EQ(all.phase(), Phase::RolledBack);
    EXPECT_THAT(report.notes, testing::Contains(HasSubstr("journal could not be written")));
    ASSERT_TRUE(report.audit.has_value()) << "the audit still has its record";
    EXPECT_EQ(valueOf(all.operations->auditRecords()).back().action, "roll_back");
}

} // namespace
} // namespace perch::rollout
