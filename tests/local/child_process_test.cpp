#include "core/platforms/local/child_process.h"

#include "core/base/file.h"
#include "core/platforms/local/orphan_reaper.h"
#include "core/platforms/local/supervised_process.h"
#include "tests/support/test_support.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::local {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class ChildProcessTest : public testing::Test {
protected:
    ChildCommand shell(const std::string& script) const {
        return {{"/bin/sh", "-c", script}, m_folder.path(), m_folder / "child.log"};
    }
    test::Folder m_folder;
};

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsNamed) {
    EXPECT_THAT(ChildProcess::start({{"/nowhere/perch-server"}, m_folder.path(), m_folder / "child.log"}),
        failsWith(ErrorCode::NotFound, HasSubstr("Cannot run /nowhere/perch-server: No such file")));
}

TEST_F(ChildProcessTest, TellsHowItEndedAndKeepsItsOutput) {
    ChildProcess child = valueOf(ChildProcess::start(shell("echo out; echo reason >&2; exit 3")));
    std::optional<ChildExit> exit;
    ASSERT_TRUE(test::waitUntil([&] { return (exit = child.poll()).has_value(); }));
    EXPECT_FALSE(exit->clean());
    EXPECT_EQ(exit->text(), "exited with code 3");
    EXPECT_EQ(valueOf(readFile(m_folder / "child.log")), "out\nreason\n");
    EXPECT_EQ(lastLine(m_folder / "child.log"), "reason");
}

TEST_F(ChildProcessTest, IsKilledWithItsOwnerObject) {
    pid_t pid = 0;
    {
        const ChildProcess child = valueOf(ChildProcess::start(shell("trap '' TERM; while :; do sleep 1; done")));
        pid = child.pid();
        ASSERT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ChildProcessTest, DiesWhenItsParentIsKilled) {
    int report[2] = {};
    ASSERT_EQ(::pipe(report), 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        auto child = ChildProcess::start(shell("while :; do sleep 1; done"));
        const pid_t pid = child ? child->pid() : -1;
        [[maybe_unused]] const ssize_t written = ::write(report[1], &pid, sizeof pid);
        for (;;)
            ::pause();
    }
    pid_t child = -1;
    ASSERT_EQ(::read(report[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    ::close(report[0]);
    ::close(report[1]);
    ASSERT_GT(child, 0);
    ASSERT_EQ(::kill(child, 0), 0);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    EXPECT_TRUE(test::waitUntil([&] { return ::kill(child, 0) != 0; }));
}

TEST_F(ChildProcessTest, WhatAChildLeavesBehindBecomesOursAndIsEnded) {
    const OrphanReaper reaper = valueOf(OrphanReaper::create());
    const std::set<pid_t> before = OrphanReaper::children();
    ChildProcess child = valueOf(ChildProcess::start(shell("sleep 600 & echo $!")));
    ASSERT_TRUE(test::waitUntil([&] { return child.poll().has_value(); }));
    const pid_t orphan = std::stoi(valueOf(readFile(m_folder / "child.log")));
    ASSERT_TRUE(processLives(orphan));
    ASSERT_TRUE(test::waitUntil([&] { return OrphanReaper::children().contains(orphan); })) << "it went to another";
    EXPECT_TRUE(test::waitUntil([&] {
        reaper.advance(before);
        return !OrphanReaper::children().contains(orphan);
    }));
    EXPECT_FALSE(processLives(orphan));
}

TEST_F(ChildProcessTest, AProcessThatWaitsToBeReapedDoesNotLive) {
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    EXPECT_TRUE(test::waitUntil([&] { return !processLives(child); }));
    EXPECT_EQ(::kill(child, 0), 0) << "it still has its number";
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(processLives(::getpid()));
    EXPECT_FALSE(processLives(0));
}

TEST_F(ChildProcessTest, OneThatEndsIsStartedAgainWithAGrowingDelay) {
    ManualClock clock(SystemTime(std::chrono::hours(1)));
    SupervisedProcess process({"churn-v1-0", shell("echo no model; exit 2"), 1, 1, "/readyz"}, clock);
    const auto runOnce = [&](std::uint32_t restarts) {
        return test::waitUntil([&] {
            process.advance();
            return process.facts().restarts == restarts;
        });
    };
    ASSERT_TRUE(runOnce(1));
    EXPECT_EQ(process.facts().state, fleet::Replica::State::Crashed);
    EXPECT_EQ(process.facts().reason, "It exited with code 2: no model");
    process.advance();
    EXPECT_FALSE(process.running()) << "the first delay has not passed";
    clock.advance(std::chrono::milliseconds(101));
    ASSERT_TRUE(runOnce(2));
    clock.advance(std::chrono::milliseconds(101));
    process.advance();
    EXPECT_FALSE(process.running()) << "the second delay is longer";
    clock.advance(std::chrono::milliseconds(101));
    process.advance();
    EXPECT_TRUE(process.running());
}

} // namespace
} // namespace perch::local
