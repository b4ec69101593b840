#include "core/model/training_checkpoint.h"
#include "core/model/training_device.h"
#include "tests/model/training_fixture.h"

#include <nlohmann/json.hpp>

#include <atomic>

namespace perch::model {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

/// Remembers what a training says and asks what a test wants.
struct Watch final : TrainingWatch {
    std::vector<TrainProgress> rounds;
    std::vector<Checkpoint> checkpoints;
    std::vector<bool> pauses;
    std::function<RunControl(std::uint32_t)> ask = [](std::uint32_t) { return RunControl::None; };

    Result<void> roundDone(const TrainProgress& progress) override {
        rounds.push_back(progress);
        return {};
    }
    RunControl control() override { return ask(rounds.back().round); }
    Result<void> pauseChanged(bool paused) override {
        pauses.push_back(paused);
        return {};
    }
    Result<void> checkpoint(const Checkpoint& checkpoint) override {
        checkpoints.push_back(checkpoint);
        return {};
    }
};

/// Each look at it takes a millisecond, so that what depends on the time happens at the same round on a busy machine.
class TickingClock final : public Clock {
public:
    SystemTime now() const override { return SystemTime(std::chrono::milliseconds(m_ticks.load())); }
    SteadyTime steadyNow() const override { return SteadyTime(std::chrono::milliseconds(++m_ticks)); }

private:
    mutable std::atomic<std::int64_t> m_ticks = 0;
};

class TrainingFit : public test::TrainingFixture {
protected:
    data::Table m_table = readText(noisyText(600));
};

std::uint32_t keptRounds(const TrainOutcome& outcome) {
    return nlohmann::json::parse(outcome.parts.capsule)["kept_rounds"].get<std::uint32_t>();
}

TEST_F(TrainingFit, EarlyStoppingKeepsTheBestRound) {
    TrainRequest early = request(m_table, 200);
    early.training.earlyStopping = 10;
    Watch watch;
    const TrainOutcome outcome = valueOf(train(*m_library, early, &watch));
    EXPECT_EQ(outcome.end, "early stopping");
    EXPECT_FALSE(outcome.stoppedEarly);
    ASSERT_LT(outcome.rounds, 200U);
    const std::uint32_t best = watch.rounds.back().bestRound.value();
    EXPECT_EQ(outcome.rounds, best + 10);
    EXPECT_EQ(watch.rounds.back().stopAt, best + 10);
    EXPECT_EQ(keptRounds(outcome), best);
    double least = 1e9;
    for (const TrainProgress& round : watch.rounds) {
        ASSERT_TRUE(round.validation.has_value()) << round.round;
        EXPECT_EQ(*round.validation < least, round.bestRound == round.round) << round.round;
        least = std::min(least, *round.validation);
    }
    EXPECT_EQ(outcome.parts.card.rows.at("validation"), 96U);

    // The rounds up to the best one, as if no more had been asked for.
    TrainRequest shorter = early;
    shorter.training.rounds = best;
    EXPECT_EQ(valueOf(train(*m_library, shorter)).parts.card.metrics, outcome.parts.card.metrics);
}

TEST_F(TrainingFit, APersonStopsAndKeepsTheBest) {
    TrainRequest asked = request(m_table, 1'000);
    asked.training.earlyStopping = 500;
    Watch watch;
    watch.ask = [](std::uint32_t round) { return round == 60 ? RunControl::Stop : RunControl::None; };
    const TrainOutcome outcome = valueOf(train(*m_library, asked, &watch));
    EXPECT_EQ(outcome.rounds, 60U);
    EXPECT_TRUE(outcome.stoppedEarly);
    EXPECT_EQ(outcome.end, "asked to stop");
    EXPECT_EQ(keptRounds(outcome), watch.rounds.back().bestRound);
    EXPECT_LT(keptRounds(outcome), 60U);
}

TEST_F(TrainingFit, WithoutAValidationPartAllRoundsSoFarAreKept) {
    Watch watch;
    watch.ask = [](std::uint32_t round) { return round == 5 ? RunControl::Stop : RunControl::None; };
    const TrainOutcome outcome = valueOf(train(*m_library, request(m_table), &watch));
    EXPECT_EQ(keptRounds(outcome), 5U);
    EXPECT_EQ(watch.rounds.back().bestRound, std::nullopt);
}

TEST_F(TrainingFit, ATimeBudgetEndsTheRounds) {
    TrainRequest brief = request(m_table, 100'000);
    brief.training.timeBudget = Seconds(0.05);
    const TrainOutcome outcome = valueOf(train(*m_library, brief));
    EXPECT_EQ(outcome.end, "time budget");
    EXPECT_TRUE(outcome.stoppedEarly);
    EXPECT_LT(outcome.rounds, 100'000U);
}

TEST_F(TrainingFit, PausesUntilItIsToldToGoOn) {
    Watch watch;
    int asked = 0;
    watch.ask = [&](std::uint32_t round) { return round == 3 && ++asked < 3 ? RunControl::Pause : RunControl::Resume; };
    const TrainOutcome outcome = valueOf(train(*m_library, request(m_table), &watch));
    EXPECT_EQ(outcome.rounds, 30U);
    EXPECT_EQ(watch.pauses, (std::vector<bool>{true, false}));
    EXPECT_EQ(outcome.parts.booster, valueOf(train(*m_library, request(m_table))).parts.booster);
}

TEST_F(TrainingFit, FromACheckpointItGivesTheSameBytes) {
    for (const bool sampled : {false, true}) {
        TrainRequest whole = request(m_table, 60);
        whole.training.earlyStopping = 50;
        if (sampled)
            whole.training.rowSample = whole.training.columnSample = 0.7;
        whole.checkpointEvery = Seconds(1e-9);
        const TickingClock clock;
        whole.clock = &clock;
        Watch watch;
        const TrainOutcome uninterrupted = valueOf(train(*m_library, whole, &watch));
        const auto early = std::ranges::find_if(watch.checkpoints, [](const Checkpoint& c) { return c.round >= 5; });
        ASSERT_NE(early, watch.checkpoints.end());
        EXPECT_EQ(early->round % (sampled ? 25 : 1), 0U);
        TrainRequest rest = whole;
        rest.from = &*early;
        Watch again;
        const TrainOutcome resumed = valueOf(train(*m_library, rest, &again));
        EXPECT_EQ(again.rounds.front().round, early->round + 1);
        EXPECT_EQ(resumed.rounds, uninterrupted.rounds);
        EXPECT_EQ(resumed.parts.booster == uninterrupted.parts.booster, true) << "row sampling: " << sampled;
        EXPECT_EQ(resumed.parts.card.metrics, uninterrupted.parts.card.metrics);
    }
}

TEST_F(TrainingFit, ACheckpointIsReadAsItWasWritten) {
    const Checkpoint written{7, 5, 0.25, Seconds(3), std::string("model\n\0bytes", 12)};
    EXPECT_TRUE(succeeded(writeCheckpoint(m_folder.path(), written)));
    const Checkpoint read = valueOf(readCheckpoint(m_folder.path()));
    EXPECT_EQ(read.round, 7U);
    EXPECT_EQ(read.bestRound, 5U);
    EXPECT_EQ(read.bestValue, 0.25);
    EXPECT_EQ(read.booster, written.booster);
    std::ofstream(m_folder / "checkpoint", std::ios::app) << "x";
    EXPECT_THAT(readCheckpoint(m_folder.path()), failsWith(ErrorCode::Corrupt, HasSubstr("damaged")));
}

/// The rows in files and the rounds over their pages: as good a model, and nothing stays behind.
TEST_F(TrainingFit, InExternalMemoryTheModelIsAsGood) {
    struct Looking final : TrainingWatch {
        std::filesystem::path folder;
        std::string notes;
        std::size_t files = 0;
        Result<void> noted(std::string_view, std::string sentence) override {
            notes += sentence;
            return {};
        }
        Result<void> roundDone(const TrainProgress&) override {
            files = 0;
            for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
                files += entry.is_regular_file() ? 1 : 0;
            return {};
        }
    } watch;
    watch.folder = m_folder / "run";
    std::filesystem::create_directories(watch.folder);
    TrainRequest inMemory = request(m_table, 40);
    inMemory.training.earlyStopping = 30;
    TrainRequest external = inMemory;
    external.cellsInMemory = 100;
    external.cache = watch.folder;
    const TrainOutcome expected = valueOf(train(*m_library, inMemory));
    const TrainOutcome outcome = valueOf(train(*m_library, external, &watch));
    EXPECT_THAT(watch.notes, HasSubstr("kept in files"));
    EXPECT_GE(watch.files, 2U) << "the training part and the validation part";
    EXPECT_TRUE(std::filesystem::is_empty(watch.folder));
    EXPECT_EQ(nlohmann::json::parse(expected.parts.capsule)["matrix"], "memory");
    EXPECT_EQ(nlohmann::json::parse(outcome.parts.capsule)["matrix"], "external");
    for (const auto& [name, value] : expected.parts.card.metrics)
        EXPECT_NEAR(outcome.parts.card.metrics.at(name), value, 0.002) << name;
    EXPECT_EQ(valueOf(train(*m_library, external)).parts.booster, outcome.parts.booster) << "the same bytes again";
}

/// A library that says it has CUDA, on a machine without a device.
TEST_F(TrainingFit, WithoutADeviceItSaysSoToo) {
    struct WithCuda final : XgboostLibrary {
        explicit WithCuda(const XgboostLibrary& library) : m_library(library) {}
        const XgboostFunctions& functions() const override { return m_library.functions(); }
        std::string version() const override { return m_library.version(); }
        const std::filesystem::path& path() const override { return m_library.path(); }
        bool builtWithCuda() const override { return true; }
        Error lastError(std::string_view activity) const override { return m_library.lastError(activity); }
        const XgboostLibrary& m_library;
    };
    std::error_code code;
    if (std::filesystem::exists("/dev/nvidiactl", code))
        GTEST_SKIP() << "this machine has an NVIDIA driver";
    const TrainingDevice device = chooseDevice(WithCuda(*m_library), "cuda");
    EXPECT_EQ(device.name, "cpu");
    EXPECT_THAT(device.fallback, testing::AllOf(HasSubstr("no NVIDIA driver"), HasSubstr("on the processor")));
    EXPECT_EQ(chooseDevice(*m_library, "cpu").fallback, "");
}

TEST_F(TrainingFit, WithoutCudaItSaysSoAndTrainsOnTheProcessor) {
    struct Notes final : TrainingWatch {
        std::string text;
        Result<void> noted(std::string_view, std::string sentence) override {
            text += sentence;
            return {};
        }
    } notes;
    TrainRequest gpu = request(m_table, 3);
    gpu.training.device = "cuda";
    const TrainOutcome outcome = valueOf(train(*m_library, gpu, &notes));
    EXPECT_THAT(notes.text, testing::AllOf(HasSubstr("cuda was asked for"), HasSubstr("on the processor")));
    EXPECT_EQ(nlohmann::json::parse(outcome.parts.capsule)["device"], "cpu");
}

} // namespace
} // namespace perch::model
