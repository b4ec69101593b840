#include "core/model/training_run.h"
#include "core/model/training_run_writer.h"
#include "tests/support/test_support.h"

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace perch::model {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TrainingRuns : public testing::Test {
protected:
    TrainingRunWriter begin() {
        TrainingRun run{.model = valueOf(ModelName::parse("churn")), .by = "ada@bank"};
        run.dataset.label = "churned";
        run.rounds = 10;
        return valueOf(TrainingRunWriter::create(m_workspace, std::move(run), m_clock));
    }

    test::Folder m_folder;
    Workspace m_workspace = valueOf(Workspace::open(m_folder / "workspace"));
    ManualClock m_clock{fromMillis(1'795'000'000'000)};
};

TEST_F(TrainingRuns, AreReadAsTheyAreWritten) {
    TrainingRunWriter writer = begin();
    EXPECT_TRUE(succeeded(writer.beginStep("read")));
    m_clock.advance(std::chrono::seconds(2));
    EXPECT_TRUE(succeeded(writer.beginStep("train")));
    EXPECT_TRUE(succeeded(writer.log("info", "read 100 rows")));
    EXPECT_TRUE(succeeded(writer.addRound({1, Seconds(0.5), {{"logloss", 0.6}}, {{"logloss", 0.7}}})));
    writer.run().bestRound = 1;
    EXPECT_TRUE(succeeded(writer.save()));

    const TrainingRun run = valueOf(readRun(m_workspace, writer.run().id));
    EXPECT_EQ(run.state, RunState::Running);
    EXPECT_EQ(run.model.text(), "churn");
    EXPECT_EQ(run.by, "ada@bank");
    EXPECT_EQ(run.bestRound, 1U);
    EXPECT_EQ(run.version, std::nullopt);
    ASSERT_EQ(run.steps.size(), 2U);
    EXPECT_EQ(run.steps[0].state, RunStep::State::Done);
    EXPECT_EQ(run.steps[0].seconds, Seconds(2));
    EXPECT_EQ(run.steps[1].state, RunStep::State::Running);
    std::uint64_t offset = 0;
    const auto curve = valueOf(readCurve(writer.folder(), offset));
    ASSERT_EQ(curve.size(), 1U);
    EXPECT_EQ(curve[0].validation.at("logloss"), 0.7);
    EXPECT_EQ(valueOf(readCurve(writer.folder(), offset)).size(), 0U) << "nothing new";
    std::uint64_t logOffset = 0;
    EXPECT_EQ(valueOf(readRunLog(writer.folder(), logOffset)).at(0).text, "read 100 rows");

    EXPECT_TRUE(succeeded(writer.end(RunState::Refused, {"too few rows"})));
    const TrainingRun ended = valueOf(readRun(writer.folder()));
    EXPECT_EQ(ended.state, RunState::Refused);
    EXPECT_THAT(ended.reasons, ElementsAre("too few rows"));
    EXPECT_EQ(ended.steps[1].state, RunStep::State::Failed);
    EXPECT_EQ(ended.ended, m_clock.now());
}

TEST_F(TrainingRuns, AreListedNewestFirst) {
    const std::string first = begin().run().id;
    m_clock.advance(std::chrono::seconds(1));
    const std::string second = begin().run().id;
    std::filesystem::create_directory(m_workspace.runs() / "foreign");
    const auto runs = valueOf(listRuns(m_workspace));
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].id, second);
    EXPECT_EQ(runs[1].id, first);
    EXPECT_THAT(readRun(m_workspace, "../x"), failsWith(ErrorCode::InvalidInput, HasSubstr("../x")));
    EXPECT_THAT(readRun(m_workspace, "r-none"), failsWith(ErrorCode::NotFound, HasSubstr("r-none")));
}

TEST_F(TrainingRuns, AHalfWrittenLineIsReadWhenItIsWhole) {
    TrainingRunWriter writer = begin();
    std::ofstream(writer.folder() / "curve.jsonl") << R"({"round":1,"elapsed_s":1,"train":{"logloss":0.5}})" "\n" R"({"rou)";
    std::uint64_t offset = 0;
    EXPECT_EQ(valueOf(readCurve(writer.folder(), offset)).size(), 1U);
    std::ofstream(writer.folder() / "curve.jsonl", std::ios::app) << R"(nd":2,"elapsed_s":1,"train":{}})" "\n";
    EXPECT_EQ(valueOf(readCurve(writer.folder(), offset)).at(0).round, 2U);
    std::ofstream(writer.folder() / "run.json") << "{";
    EXPECT_THAT(readRun(writer.folder()), failsWith(ErrorCode::Corrupt, HasSubstr("run.json")));
}

TEST_F(TrainingRuns, AKilledProcessLeavesAnInterruptedRunThatCanBeTakenUp) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        TrainingRunWriter writer = begin();
        for (std::uint32_t round = 1; round <= 5; ++round)
            (void)writer.addRound({round, Seconds(round), {{"logloss", 0.5}}, {}});
        (void)writer.save();
        (void)!::write(pipe[1], "x", 1);
        ::pause();
        ::_exit(0);
    }
    char ready = 0;
    ASSERT_EQ(::read(pipe[0], &ready, 1), 1);
    ASSERT_EQ(valueOf(listRuns(m_workspace)).size(), 1U);
    const std::string id = valueOf(listRuns(m_workspace))[0].id;
    EXPECT_EQ(valueOf(readRun(m_workspace, id)).state, RunState::Running);
    EXPECT_THAT(TrainingRunWriter::resume(m_workspace, id, 3, m_clock),
                failsWith(ErrorCode::Conflict, HasSubstr("running")));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);

    EXPECT_EQ(valueOf(readRun(m_workspace, id)).state, RunState::Interrupted);
    EXPECT_THAT(requestStop(m_workspace.runs() / id), failsWith(ErrorCode::Conflict, HasSubstr("interrupted")));
    TrainingRunWriter writer = valueOf(TrainingRunWriter::resume(m_workspace, id, 3, m_clock));
    EXPECT_EQ(valueOf(readRun(m_workspace, id)).state, RunState::Running);
    std::uint64_t offset = 0;
    EXPECT_EQ(valueOf(readCurve(writer.folder(), offset)).size(), 3U);
}

TEST_F(TrainingRuns, AreControlledThroughAFile) {
    TrainingRunWriter writer = begin();
    EXPECT_EQ(writer.control(), RunControl::None);
    EXPECT_TRUE(succeeded(requestPause(writer.folder())));
    EXPECT_EQ(writer.control(), RunControl::Pause);
    EXPECT_TRUE(succeeded(requestResume(writer.folder())));
    EXPECT_EQ(writer.control(), RunControl::Resume);
    EXPECT_TRUE(succeeded(requestStop(writer.folder())));
    EXPECT_EQ(writer.control(), RunControl::Stop);
    EXPECT_TRUE(succeeded(writer.end(RunState::Stopped)));
    EXPECT_THAT(requestPause(writer.folder()), failsWith(ErrorCode::Conflict, HasSubstr("stopped")));
}

} // namespace
} // namespace perch::model
