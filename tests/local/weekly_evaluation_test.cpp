#include "core/base/file.h"
#include "core/platforms/local/weekly_evaluation.h"
#include "tests/support/test_support.h"

#include <sys/stat.h>

namespace perch::local {
namespace {

using namespace std::chrono_literals;
using test::valueOf;

/// A program in the place of perch that writes down how it was called.
class WeeklyEvaluationTest : public testing::Test {
protected:
    void SetUp() override {
        valueOf(LocalFiles(m_workspace).create());
        valueOf(writeFileAtomically(perch(), "#!/bin/sh\necho \"$@\" >> " + (m_folder / "calls").string() + "\n"));
        ASSERT_EQ(::chmod(perch().c_str(), 0700), 0);
        m_models.push_back({.model = valueOf(ModelName::parse("churn"))});
    }
    std::filesystem::path perch() const { return m_folder / "perch"; }
    std::string calls() const {
        const Result<std::string> text = readFile(m_folder / "calls");
        return text ? *text : "";
    }
    /// Until no process runs.
    void settle(WeeklyEvaluation& weekly) {
        ASSERT_TRUE(test::waitUntil([&] {
            valueOf(weekly.advance(m_models));
            return weekly.process() < 0;
        }));
    }

    test::Folder m_folder;
    Workspace m_workspace = valueOf(Workspace::open(m_folder / "w"));
    ManualClock m_clock{SystemTime(std::chrono::hours(500'000))};
    std::vector<DeployedModel> m_models;
};

TEST_F(WeeklyEvaluationTest, RunsOnceAWeekAlsoAcrossARestart) {
    {
        WeeklyEvaluation weekly(m_workspace, perch(), 1, m_clock);
        settle(weekly);
        EXPECT_EQ(calls(), "") << "a new model has no labels yet";
        m_clock.advance(6 * 24h);
        settle(weekly);
        EXPECT_EQ(calls(), "");
    }
    WeeklyEvaluation weekly(m_workspace, perch(), 1, m_clock);
    m_clock.advance(25h);
    valueOf(weekly.advance(m_models));
    EXPECT_GT(weekly.process(), 0);
    settle(weekly);
    EXPECT_EQ(calls(), fmt::format("--workspace {} evaluate --model churn --since 10080.00m\n",
                                   m_workspace.root().string()));
    m_clock.advance(24h);
    settle(weekly);
    EXPECT_EQ(std::ranges::count(calls(), '\n'), 1);
    m_clock.advance(7 * 24h);
    valueOf(weekly.advance(m_models));
    settle(weekly);
    EXPECT_EQ(std::ranges::count(calls(), '\n'), 2);
}

TEST_F(WeeklyEvaluationTest, AWeekOfTheStoryIsShorter) {
    WeeklyEvaluation weekly(m_workspace, perch(), 720, m_clock);
    settle(weekly);
    m_clock.advance(15min);
    valueOf(weekly.advance(m_models));
    settle(weekly);
    EXPECT_THAT(calls(), testing::HasSubstr("--since 14.00m"));
}

TEST_F(WeeklyEvaluationTest, AProgramThatIsNotThereIsSaid) {
    WeeklyEvaluation weekly(m_workspace, m_folder / "none", 1, m_clock);
    valueOf(weekly.advance(m_models));
    m_clock.advance(8 * 24h);
    EXPECT_THAT(weekly.advance(m_models), test::failsWith(ErrorCode::NotFound, testing::HasSubstr("none")));
}

} // namespace
} // namespace perch::local
