#include "core/training/run_retention.h"

#include "core/model/training_run_writer.h"
#include "tests/support/test_support.h"

#include <fstream>
#include <set>

namespace perch::training {
namespace {

using model::RunState;
using test::succeeded;
using test::valueOf;

class RunRetention : public testing::Test {
protected:
    /// A training of a model that ended so; Running stays so, under this process.
    std::string add(const char* model, RunState state) {
        m_clock.advance(std::chrono::seconds(1));
        auto writer = valueOf(model::TrainingRunWriter::create(
            m_workspace, {.model = valueOf(ModelName::parse(model)), .by = "ada"}, m_clock));
        std::ofstream(writer.folder() / "checkpoint") << "half";
        if (state == RunState::Interrupted)
            writer.run().processStart = 1; // of no process that lives
        if (state == RunState::Running || state == RunState::Interrupted)
            EXPECT_TRUE(succeeded(writer.save()));
        else
            EXPECT_TRUE(succeeded(writer.end(state)));
        return writer.run().id;
    }
    bool there(const std::string& id, const char* file = "run.json") const {
        return std::filesystem::exists(m_workspace.runs() / id / file);
    }

    test::Folder m_folder;
    ManualClock m_clock{SystemTime(std::chrono::hours(500'000))};
    Workspace m_workspace = valueOf(Workspace::open(m_folder.path()));
    const ModelName m_model = valueOf(ModelName::parse("churn"));
};

TEST_F(RunRetention, KeepsTheNewestOfEachModelAndWhatCanGoOn) {
    const std::string oldest = add("churn", RunState::Finished);
    const std::string running = add("churn", RunState::Running);
    const std::string resumable = add("churn", RunState::Interrupted);
    const std::string failed = add("churn", RunState::Failed);
    const std::string other = add("price", RunState::Finished);
    const std::string refused = add("churn", RunState::Refused);
    const std::string newest = add("churn", RunState::Stopped);
    EXPECT_EQ(valueOf(removeOldRuns(m_workspace, m_model, 2)), 2U);
    for (const std::string& gone : {oldest, failed})
        EXPECT_FALSE(there(gone));
    for (const std::string& kept : {running, resumable, other, refused, newest})
        EXPECT_TRUE(there(kept));
    // What can go on needs its checkpoint; what ended does not.
    EXPECT_TRUE(there(running, "checkpoint"));
    EXPECT_TRUE(there(resumable, "checkpoint"));
    EXPECT_FALSE(there(newest, "checkpoint"));
    EXPECT_EQ(valueOf(removeOldRuns(m_workspace, m_model, 2)), 0U);
}

TEST_F(RunRetention, AWorkspaceWithoutTrainingsHasNothingToRemove) {
    EXPECT_EQ(valueOf(removeOldRuns(m_workspace, m_model)), 0U);
}

} // namespace
} // namespace perch::training
